//! Property lists in both forms, and their limits.

use wire_apple::plist::{self, DEEPEST, Dict, Error, LARGEST, MOST, Value};

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/testdata/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a file of testdata")
}

fn xml(inner: &str) -> Result<Value, Error> {
    plist::read(format!("<plist version=\"1.0\">{inner}</plist>").as_bytes())
}

#[test]
fn both_forms_say_the_same_and_come_back() {
    for name in ["everything", "token-update"] {
        let binary = plist::read(&file(&format!("{name}.bplist"))).expect("binary");
        let text = plist::read(&file(&format!("{name}.plist"))).expect("XML");
        assert_eq!(binary, text);
        assert_eq!(plist::read(&text.to_xml()).expect("our own"), text);
    }
    let all = plist::read_dict(&file("everything.bplist")).expect("a dictionary");
    assert_eq!(all.get("huge").and_then(Value::int), Some(1 << 62));
    assert_eq!(all.get("negative").and_then(Value::int), Some(-5));
    assert_eq!(all.get("date").and_then(Value::date), Some(1_795_374_983_000));
    assert_eq!(all.text("emoji"), Some("🍏"));
    assert_eq!(all.get("data").and_then(Value::data).map(<[u8]>::len), Some(256));
}

#[test]
fn scalars_are_taken_leniently_where_devices_need_it() {
    let truths = [
        ("<true/>", Some(true)),
        ("<string>false</string>", Some(false)),
        ("<string>TRUE</string>", Some(true)),
        ("<integer>1</integer>", Some(true)),
        ("<integer>2</integer>", None),
        ("<string>maybe</string>", None),
    ];
    for (text, expected) in truths {
        assert_eq!(xml(text).expect("a value").truth(), expected, "{text}");
    }
    assert_eq!(xml("<string>42</string>").expect("a value").int(), Some(42));
    assert_eq!(xml("<real>42.0</real>").expect("a value").int(), Some(42));
    assert_eq!(xml("<integer>0x2A</integer>").expect("a value").int(), Some(42));
    assert_eq!(xml("<integer>3</integer>").expect("a value").real(), Some(3.0));
    assert_eq!(xml("<data>\n\tAQID\n</data>").expect("a value").data(), Some(&[1, 2, 3][..]));
    assert_eq!(xml("<data>AQI</data>").expect("a value").data(), Some(&[1, 2][..]), "no padding");
    assert_eq!(xml("<string><![CDATA[a<b]]>&#x41;&lt;</string>").expect("a value").text(), Some("a<bA<"));
    assert_eq!(xml("<string/>").expect("a value").text(), Some(""));
    assert_eq!(xml("<!-- c --><array/>").expect("a value").array(), Some(&[][..]));
}

#[test]
fn broken_lists_are_refused() {
    for bad in [
        "",
        "<dict>",
        "</dict>",
        "<dict><string>v</string></dict>",
        "<dict><key>k</key></dict>",
        "<dict><key>k</key><key>l</key><true/></dict>",
        "<dict><key>k</key><true/><key>k</key><true/></dict>",
        "<integer>1.5</integer>",
        "<integer/>",
        "<integer>99999999999999999999</integer>",
        "<real>nan</real>",
        "<real>inf</real>",
        "<data>!</data>",
        "<date>yesterday</date>",
        "<string>&unknown;</string>",
        "<string><true/></string>",
        "<blob/>",
        "text",
        "<true/><true/>",
        "<true>x</true>",
        "<key>k</key>",
        "<string>a</sting>",
        "<dict>text</dict>",
        "<plist/>",
    ] {
        assert!(matches!(xml(bad), Err(Error::Malformed { .. })), "{bad}");
    }
    for bad in [
        &b""[..],
        b"plist",
        b"<dict/>",
        b"<plist><true/></plist><plist/>",
        b"\xff\xfe<\0p\0",
        b"<plist><true/>",
    ] {
        assert!(plist::read(bad).is_err(), "{bad:?}");
    }
    assert!(plist::read_dict(b"<plist><array/></plist>").is_err());
}

#[test]
fn entities_are_neither_defined_nor_fetched() {
    let bomb = r#"<!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><plist><string>&b;</string></plist>"#;
    let file =
        r#"<!DOCTYPE plist [<!ENTITY x SYSTEM "file:///etc/passwd">]><plist><string>&x;</string></plist>"#;
    for evil in [bomb, file] {
        assert!(matches!(plist::read(evil.as_bytes()), Err(Error::Malformed { .. })));
    }
}

#[test]
fn size_depth_and_count_are_limited() {
    let nested = |depth: usize| xml(&("<array>".repeat(depth) + &"</array>".repeat(depth)));
    assert!(nested(DEEPEST).is_ok());
    assert_eq!(nested(DEEPEST + 1), Err(Error::TooDeep));
    assert_eq!(nested(100_000), Err(Error::TooDeep));
    assert!(xml(&format!("<array>{}</array>", "<true/>".repeat(MOST - 1))).is_ok());
    assert_eq!(xml(&format!("<array>{}</array>", "<true/>".repeat(MOST))), Err(Error::TooMany));
    assert_eq!(plist::read(&vec![b' '; LARGEST + 1]), Err(Error::TooLarge));
    // Many keys cost no more than their number.
    let keys: Vec<String> = (0..90_000).map(|n| format!("<key>{n}</key><true/>")).collect();
    let keys = keys.concat();
    assert_eq!(xml(&format!("<dict>{keys}</dict>")).expect("many keys").dict().map(Dict::len), Some(90_000));
}

/// A binary list made by hand: objects, and which of them is on top.
fn binary(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in objects {
        offsets.push(out.len() as u32);
        out.extend(object);
    }
    let table = out.len() as u64;
    out.extend(offsets.iter().flat_map(|offset| offset.to_be_bytes()));
    out.extend([0, 0, 0, 0, 0, 0, 4, 1]);
    for number in [objects.len() as u64, 0, table] {
        out.extend(number.to_be_bytes());
    }
    out
}

#[test]
fn binary_lists_that_refer_to_themselves_or_explode_are_refused() {
    assert_eq!(plist::read(&binary(&[vec![0xa1, 0]])), Err(Error::TooDeep), "a circle");
    // Twenty arrays, each of ten times the next one.
    let mut objects: Vec<Vec<u8>> = (1..=20_u8).map(|next| [&[0xaa][..], &[next; 10]].concat()).collect();
    objects.push(vec![0x09]);
    assert_eq!(plist::read(&binary(&objects)), Err(Error::TooMany));
    // One long datum, used again and again.
    let long = [&[0x4f, 0x12, 0x00, 0x08, 0, 0][..], &vec![7; 0x8_0000]].concat();
    let objects = vec![[&[0xaf, 0x10, 200][..], &[1; 200]].concat(), long];
    assert_eq!(plist::read(&binary(&objects)), Err(Error::TooLarge));
    for broken in [
        vec![vec![0xa1, 9]],
        vec![vec![0xd1, 1, 1], vec![0x09]],
        vec![vec![0xd2, 1, 1, 2, 2], vec![0x51, b'k'], vec![0x09]],
        vec![vec![0x13, 1]],
        vec![vec![0x23, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
        vec![vec![0x33, 0x7f, 0xef, 0, 0, 0, 0, 0, 0]],
        vec![vec![0x51, 0xff]],
        vec![vec![0x61, 0xd8, 0x00]],
        vec![vec![0x80, 1]],
        vec![vec![0x4f, 0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ] {
        assert!(matches!(plist::read(&binary(&broken)), Err(Error::Malformed { .. })), "{broken:x?}");
    }
}

#[test]
fn values_show_nothing_of_themselves_in_logs() {
    let dict = Dict::new().with("PushMagic", "secret").with("Token", b"secret".to_vec());
    let shown = format!("{dict:?}");
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn what_xml_cannot_say_is_left_out() {
    let text = Value::from("a\u{0}b\u{1}\r\n\u{fffe}<&>");
    assert_eq!(plist::read(&text.to_xml()).expect("well-formed").text(), Some("ab\r\n<&>"));
}

#[test]
fn neutral_values_become_lists_and_are_shown_again() {
    let json = serde_json::json!({"b": true, "n": 5, "r": 1.5, "t": "x", "a": [1, null, "y"], "o": {"k": false}, "z": null});
    let value = Value::from_json(&json).expect("a value");
    let shown = serde_json::json!({"b": true, "n": 5, "r": 1.5, "t": "x", "a": [1, "y"], "o": {"k": false}});
    assert_eq!(value.to_json(), shown);
}
