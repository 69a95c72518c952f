//! **The doorkeeper of the HTTP faces**: a route cannot exist without saying who may use it.
//!
//! Console and REST register their handlers through [`Routes`]; each registration names the [`Access`] it needs.
//! Authentication and that access are decided *before* the body is read. The handler finds the proven
//! [`Scope`](engine::Scope) through the extractor [`In`]. The table of all routes prints itself
//! ([`Routes::table`]), which is what the access matrix of the tests walks.

mod access;
mod address;
mod cookie;
mod extract;
mod form;
mod routes;
mod upload;

pub use access::{Access, Cookies, Face, Refusal};
pub use address::{Peer, TrustedProxies, caller};
pub use cookie::{
    SESSION_COOKIE, USER_COOKIE, clear_session_cookie, cookie, session_cookie, set_session_cookie,
};
pub use extract::{In, Json, Path, Query, Visitor};
pub use form::{Form, FormData};
pub use routes::{RouteInfo, Routes};
pub use upload::Upload;
