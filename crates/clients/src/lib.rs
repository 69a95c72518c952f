//! The outside world as a client: mail servers behind the gateway, SMTP servers, directories (LDAP), access devices (RADIUS),
//! identity providers (OpenID Connect), Apple's push service, Cisco ISE's side of its own test.

pub mod apns;
pub mod https;
pub mod ise_probe;
pub mod ldap;
pub mod mail;
pub mod oidc;
pub mod outbound;
pub mod radius;
pub mod smtp;
pub mod trust;
pub mod webhook;
