//! The codec against recorded and made-up bytes.

mod every_answer;

/// A request of the catalogue of RFC 4511's examples: bind with name and password.
#[test]
fn a_bind_is_written_as_the_standard_says() {
    let bytes = wire_ldap::Request::Bind { name: "cn=a", password: "pw" }.encode(1);
    assert_eq!(bytes, b"\x30\x12\x02\x01\x01\x60\x0d\x02\x01\x03\x04\x04cn=a\x80\x02pw");
    assert_eq!(wire_ldap::Request::Unbind.encode(2), b"\x30\x05\x02\x01\x02\x42\x00");
}

/// Every piece of an honest answer, and every answer with one byte changed, is read or refused and never panics.
#[test]
fn no_answer_makes_the_reader_fail() {
    let entry = b"\x30\x25\x02\x01\x02\x64\x20\x04\x06uid=jo\x30\x16\x30\x14\x04\x06member\x31\x0a\x04\x03a=1\x04\x03b=2";
    let done = b"\x30\x28\x02\x01\x02\x65\x07\x0a\x01\x00\x04\x00\x04\x00\xa0\x1a\x30\x18\x04\x0b1.2.3.4.5.6\x04\x09\x30\x07\x02\x01\x00\x04\x02ok";
    for answer in [entry.as_slice(), done.as_slice()] {
        for end in 0..=answer.len() {
            every_answer::run(&answer[..end]);
        }
        for place in 0..answer.len() {
            for byte in 0..=255_u8 {
                let mut changed = answer.to_vec();
                changed[place] = byte;
                every_answer::run(&changed);
            }
        }
    }
    let deep = [0x30_u8, 0x84, 0, 0, 0x40, 0].repeat(4_000);
    every_answer::run(&deep);
}
