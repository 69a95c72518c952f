//! From the bytes of a file to its text: spreadsheets write UTF-8, UTF-16 or the code page of their system.

/// Letters of Windows-1252 from 0x80 to 0x9F; the other ones of Latin-1 are their own code points.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text of a file and how its letters were written.
///
/// # Errors
/// What to do instead, for bytes that are no text.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, &'static str), String> {
    let no_text = || "This is no text file. Save the sheet as CSV and send that file.".to_owned();
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err("This is a workbook. Save the sheet as CSV and send that file.".into());
    }
    let (text, name) = if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        (String::from_utf8(rest.to_vec()).map_err(|_| no_text())?, "UTF-8")
    } else if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        (utf16(rest, u16::from_le_bytes).ok_or_else(no_text)?, "UTF-16")
    } else if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        (utf16(rest, u16::from_be_bytes).ok_or_else(no_text)?, "UTF-16")
    } else if let Some(little) = bare_utf16(bytes) {
        let order = if little { u16::from_le_bytes } else { u16::from_be_bytes };
        (utf16(bytes, order).ok_or_else(no_text)?, "UTF-16")
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        (text.to_owned(), "UTF-8")
    } else {
        (bytes.iter().map(|b| windows_1252(*b)).collect(), "Windows-1252")
    };
    let stray =
        |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n') && !('\u{80}'..'\u{a0}').contains(&c);
    if text.contains(stray) { Err(no_text()) } else { Ok((text, name)) }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9F => WINDOWS[usize::from(byte - 0x80)],
        byte => char::from(byte),
    }
}

fn utf16(bytes: &[u8], order: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    char::decode_utf16(pairs.iter().map(|pair| order(*pair))).collect::<Result<_, _>>().ok()
}

/// Whether bytes without a mark look like UTF-16 (true: little endian): headings are plain letters, so every second
/// byte of the beginning is zero.
fn bare_utf16(bytes: &[u8]) -> Option<bool> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let pairs = pairs.get(..pairs.len().min(8)).filter(|pairs| pairs.len() >= 4)?;
    if pairs.iter().all(|[low, high]| *low != 0 && *high == 0) {
        Some(true)
    } else if pairs.iter().all(|[high, low]| *low != 0 && *high == 0) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_way_of_writing_is_read() {
        let text = "username;name\nmüller;Jürg €\n";
        let utf16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let with = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        let windows: Vec<u8> = text.chars().map(|c| if c == '€' { 0x80 } else { c as u32 as u8 }).collect();
        for (bytes, name) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (with(b"\xEF\xBB\xBF", text.as_bytes()), "UTF-8"),
            (with(b"\xFF\xFE", &utf16(u16::to_le_bytes)), "UTF-16"),
            (with(b"\xFE\xFF", &utf16(u16::to_be_bytes)), "UTF-16"),
            (utf16(u16::to_le_bytes), "UTF-16"),
            (utf16(u16::to_be_bytes), "UTF-16"),
            (windows, "Windows-1252"),
        ] {
            assert_eq!(decode(&bytes), Ok((text.to_owned(), name)), "{bytes:02x?}");
        }
    }

    #[test]
    fn what_is_no_text_is_said_to_be_none() {
        for bytes in [
            b"PK\x03\x04\x14\x00".to_vec(),
            vec![0xD0, 0xCF, 0x11, 0xE0, 1],
            b"\xFF\xFEa".to_vec(),
            b"user\0name".to_vec(),
            b"\xEF\xBB\xBF\xFF".to_vec(),
            vec![0xFF, 0xFE, 0x00, 0xD8, 0x41, 0x00],
            vec![7; 40],
        ] {
            assert!(decode(&bytes).is_err(), "{bytes:02x?}");
        }
    }
}
