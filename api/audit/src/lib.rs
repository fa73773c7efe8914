//! What anyone can check of the published: releases, log and figures, from
//! public files alone.

mod check;
pub mod cosign;
mod digest;
pub mod folder;
pub mod http;
pub mod mirror;
pub mod page;
pub mod place;
pub mod report;
pub mod shown;
pub mod source;
pub mod trust;
pub mod whole;
