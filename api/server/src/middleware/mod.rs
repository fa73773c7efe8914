//! What surrounds every handler: the outermost layer, and the quotas.

pub mod account;
pub mod observe;
pub mod quota;
