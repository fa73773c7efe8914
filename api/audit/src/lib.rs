//! What anyone can check of the published: releases, log and figures, from
//! public files alone.

pub mod folder;
