//! The Distinguished Encoding Rules (X.690): what is read after [`ber_to_der`], and what is written.

mod ber;
pub(crate) mod oid;
mod read;
mod write;

pub use ber::{LARGEST, ber_to_der};
pub(crate) use read::{Element, Reader};
pub(crate) use write::{
    bits, boolean, explicit, integer, null, octets, oid as write_oid, sequence, set_of, small, tlv,
};

/// Tags of one byte, class and form included.
pub(crate) mod tag {
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BITS: u8 = 0x03;
    pub const OCTETS: u8 = 0x04;
    pub const NULL: u8 = 0x05;
    pub const OID: u8 = 0x06;
    pub const UTF8: u8 = 0x0c;
    pub const PRINTABLE: u8 = 0x13;
    pub const TELETEX: u8 = 0x14;
    pub const IA5: u8 = 0x16;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const BMP: u8 = 0x1e;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;
    /// `[0]`, `[1]` and `[3]`, constructed.
    pub const C0: u8 = 0xa0;
    pub const C1: u8 = 0xa1;
    pub const C3: u8 = 0xa3;
    /// `[0]`, primitive.
    pub const P0: u8 = 0x80;
}
