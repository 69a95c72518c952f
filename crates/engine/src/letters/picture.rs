//! QR codes as PNG pictures, dark on light with their quiet zone: mail readers draw no vectors.

use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of quiet zone on each side, as the standard asks.
const QUIET: i32 = 4;
/// Dots of a module: sharp at twice the width it is shown in.
const SCALE: usize = 8;

/// The picture of a text of at most 2,000 letters; `None` for a longer one.
pub(crate) fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let modules = usize::try_from(code.size() + 2 * QUIET).ok()?;
    let size = modules * SCALE;
    let mut rows = Vec::with_capacity(size * (size / 8 + 2));
    for y in 0..code.size() + 2 * QUIET {
        // One bit a dot, 1 is white; a byte is one module wide.
        let row: Vec<u8> = (0..code.size() + 2 * QUIET)
            .map(|x| if code.get_module(x - QUIET, y - QUIET) { 0x00 } else { 0xff })
            .collect();
        for _ in 0..SCALE {
            rows.push(0);
            rows.extend_from_slice(&row);
        }
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&rows).ok()?;
    let packed = packed.finish().ok()?;
    let size = u32::try_from(size).ok()?.to_be_bytes();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    // One bit grey, no interlacing.
    chunk(&mut png, *b"IHDR", &[&size[..], &size[..], &[1, 0, 0, 0, 0]].concat());
    chunk(&mut png, *b"IDAT", &packed);
    chunk(&mut png, *b"IEND", &[]);
    Some(png)
}

/// The same as an address that holds the picture, for previews.
pub fn data_url(text: &str) -> Option<String> {
    use base64::Engine as _;
    let picture = base64::engine::general_purpose::STANDARD.encode(png(text)?);
    Some(format!("data:image/png;base64,{picture}"))
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    png.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let begin = png.len();
    png.extend_from_slice(&kind);
    png.extend_from_slice(data);
    let sum = crc(&png[begin..]);
    png.extend_from_slice(&sum.to_be_bytes());
}

/// CRC-32 as PNG wants it.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_png_of_the_right_size() {
        assert_eq!(crc(b"IEND"), 0xae42_6082, "as every PNG ends");
        let png = png("https://mdm.example.com/enroll?token=K7QF-2M8X-0RTV-9WBD").expect("a picture");
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.ends_with(&[0xae, 0x42, 0x60, 0x82]));
        let size = u32::from_be_bytes([png[16], png[17], png[18], png[19]]);
        // Version 4 has 33 modules.
        assert_eq!(size, (33 + 8) * 8);
        assert!(png.len() < 4_000, "{}", png.len());
        assert!(super::png(&"x".repeat(5_000)).is_none());
        assert!(data_url("x").is_some_and(|url| url.starts_with("data:image/png;base64,iVBORw0KGgo")));
    }
}
