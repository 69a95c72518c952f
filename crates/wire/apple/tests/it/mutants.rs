//! Bent bytes: nothing panics, and nothing takes long.

use crate::every_message::run;

const CORPUS: [&[u8]; 7] = [
    include_bytes!("../../testdata/authenticate.plist"),
    include_bytes!("../../testdata/error.plist"),
    include_bytes!("../../testdata/token-update.plist"),
    include_bytes!("../../testdata/token-update.bplist"),
    include_bytes!("../../testdata/everything.plist"),
    include_bytes!("../../testdata/everything.bplist"),
    include_bytes!("../../testdata/status.json"),
];

#[test]
fn every_byte_bent_and_every_cut() {
    for honest in CORPUS {
        run(honest);
        for at in 0..honest.len() {
            run(&honest[..at]);
            for mask in [0x01, 0x10, 0x80] {
                let mut bent = honest.to_vec();
                bent[at] ^= mask;
                run(&bent);
            }
        }
    }
}

#[test]
fn pieces_put_together_anew() {
    let fragments = [
        "<plist>",
        "</plist>",
        "<dict>",
        "</dict>",
        "<key>a</key>",
        "<string>",
        "</string>",
        "<array>",
        "</array>",
        "<true/>",
        "<data>AQ==</data>",
        "&lt;",
        "&#0;",
        "<![CDATA[x]]>",
        "<!DOCTYPE plist>",
        "x",
    ];
    let mut state = 1_u32;
    for _ in 0..4_000 {
        let mut text = String::from("<plist>");
        for _ in 0..state % 12 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(fragments[(state >> 16) as usize % fragments.len()]);
        }
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        run(text.as_bytes());
    }
}
