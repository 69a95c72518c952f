use catalog::{LETTER_PLACEHOLDERS, LETTERS, LetterKind};

use super::*;

fn template(subject: &str, body: &str) -> Template {
    Template { subject: subject.into(), body: body.into() }
}

fn filling() -> Filling {
    let mut filling = Filling::default();
    for placeholder in LETTER_PLACEHOLDERS {
        let value = if placeholder.is_link {
            "https://mdm.example.com/enroll?token=A-1&x=2"
        } else {
            placeholder.name
        };
        filling.set(placeholder.name, value);
    }
    filling
}

fn body(html: &str) -> &str {
    let (_, rest) = html.split_once("<div class=\"letter\">\n").expect("a letter");
    rest.split_once("</div>").expect("its end").0
}

#[test]
fn the_markup_becomes_a_page_and_a_text_that_say_the_same() {
    let source = "# Hello {user.name}\r\nOne **two *three*** four\nfive\n- a\n- [b](https://b.example/?x=1&y=\"2)\n- [c](https://c.example)\n\n\
                  1. one\n2. two\n\n[[Go \\* on]]({enrolment.link})\n\n{enrolment.qr}\n---\n2 * 3 * 4, a_b, \\{x\\}";
    let letter = filling().letter(&template("Hi {user.name}", source), "en");
    let link = "https://mdm.example.com/enroll?token=A-1&amp;x=2";
    assert_eq!(
        body(&letter.html),
        format!(
            "<h1>Hello user.name</h1>\n\
             <p>One <strong>two </strong><strong><em>three</em></strong> four<br>\nfive</p>\n\
             <ul>\n<li>a</li>\n<li>[b](https://b.example/?x=1&amp;y=&quot;2)</li>\n\
             <li><a href=\"https://c.example\">c</a></li>\n</ul>\n\
             <ol>\n<li>one</li>\n<li>two</li>\n</ol>\n\
             <p class=\"button\"><a href=\"{link}\">Go * on</a></p>\n\
             <p class=\"qr\"><img src=\"cid:enrolment-qr\" width=\"232\" height=\"232\" alt=\"QR code\"></p>\n\
             <hr>\n<p>2 * 3 * 4, a_b, {{x}}</p>\n"
        )
    );
    assert_eq!(letter.subject.as_str(), "Hi user.name");
    assert!(
        letter
            .text
            .starts_with("Hello user.name\n===============\n\nOne two three four\nfive\n\n- a\n- [b](")
    );
    assert!(
        letter
            .text
            .contains("- c <https://c.example>\n\n1. one\n2. two\n\nGo * on:\nhttps://mdm.example.com/")
    );
    assert_eq!(letter.qr.as_deref(), Some("https://mdm.example.com/enroll?token=A-1&x=2"));
    assert!(letter.html.contains("<meta name=\"color-scheme\" content=\"light dark\">"));
    assert!(!letter.html.contains("background:#fff"), "no white boxes in the dark");
}

#[test]
fn what_is_filled_in_never_becomes_markup() {
    let evil = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "**x** [y](https://evil.example) {enrolment.code} {message}",
        "x\r\nBcc: all@example.com\r\n\r\n.\r\n",
        "# x\n\n---",
        "javascript:alert(1)",
        "]]>--><!--",
        "\u{202e}gpj.exe\u{0}",
        "=cmd|' /C calc'!A0",
        "*)(uid=*",
    ];
    for evil in evil {
        let mut filling = Filling::default();
        for placeholder in LETTER_PLACEHOLDERS {
            filling.set(placeholder.name, evil);
        }
        filling.set("custom:x", evil);
        let mut all = String::new();
        for name in LETTER_PLACEHOLDERS.iter().filter(|p| !p.is_block).map(|p| p.name) {
            all += &format!("- {{{name}}}\n- [l]({{{name}}})\n\n[[b]]({{{name}}})\n\n");
        }
        let letter = filling.letter(&template("{user.name} {custom:x}", &format!("{all}{{custom:x}}")), evil);
        assert!(!letter.subject.as_str().chars().any(char::is_control), "{evil}");
        for forbidden in
            ["<script", "<img", "onerror=alert(1)>", "href=\"javascript", "<strong>", "<h1>", "<!--"]
        {
            assert!(!letter.html.contains(forbidden), "{forbidden} of {evil}: {}", letter.html);
        }
        assert!(!letter.html.contains("<a "), "nothing of it is an address: {evil}");
        assert!(
            !letter.html.chars().chain(letter.text.chars()).any(|c| c.is_control() && c != '\n'),
            "{evil}"
        );
        assert!(!letter.text.lines().any(|line| line.starts_with("Bcc")), "{}", letter.text);
    }
}

#[test]
fn a_message_stands_inside_its_letter_and_cannot_hold_another() {
    let mut filling = filling();
    filling.set_message(
        "Lunch, {user.first_name}\r\nBcc: x",
        "Hello **{user.name}**\n\n{message}\n\n<b>raw</b>",
    );
    let (language, around) = Templates::default().choose(LetterKind::GroupMail, "fr", "de");
    assert_eq!(language, "de");
    let letter = filling.letter(&around, &language);
    assert_eq!(letter.subject.as_str(), "Lunch, user.first_name  Bcc: x");
    assert!(
        body(&letter.html)
            .starts_with("<p>Hello <strong>user.name</strong></p>\n<p>&lt;b&gt;raw&lt;/b&gt;</p>\n<hr>")
    );
    assert!(letter.html.contains("<html lang=\"de\">"));
    assert_eq!(letter.qr, None);
}

#[test]
fn templates_are_refused_with_words() {
    use LetterKind::{GroupMail, PasswordChanged, Welcome};
    let long = "x".repeat(BODY_MAX + 1);
    for (kind, message, subject, text, field, words) in [
        (Welcome, false, "", "x", "subject", "Write something"),
        (Welcome, false, "x", " ", "body", "Write something"),
        (Welcome, false, "x\ny", "x", "subject", "one line"),
        (Welcome, false, "x", long.as_str(), "body", "at most 10000"),
        (Welcome, false, "{nobody}", "x", "subject", "{nobody} is not known. Use {user.name}"),
        (Welcome, false, "x", "{user.name", "body", "is not known"),
        (Welcome, false, "x", "{custom:Cost}", "body", "no column “Cost”"),
        (Welcome, false, "x", "{message}", "body", "has no value here"),
        (Welcome, false, "{enrolment.qr}", "x", "subject", "is a picture"),
        (Welcome, false, "x", "see {enrolment.qr} here", "body", "on a line of its own"),
        (Welcome, false, "x", "[y](javascript:alert(1))", "body", "javascript:alert(1 is no link"),
        (Welcome, false, "x", "[[y]]({user.name})", "body", "{user.name} is no address"),
        (PasswordChanged, false, "x", "{enrolment.code}", "body", "carries no enrolment code"),
        (GroupMail, false, "x", "no message", "body", "Put {message} on a line of its own"),
        (GroupMail, true, "x", "{message}", "body", "has no value here"),
        (GroupMail, true, "x", "{enrolment.link}", "body", "carries no enrolment code"),
    ] {
        let wrong = check(&template(subject, text), kind, message, &["Cost centre"]);
        assert!(
            wrong.iter().any(|(at, why)| *at == field && why.contains(words)),
            "{subject:?} {text:?}: {wrong:?}"
        );
    }
    assert_eq!(
        check(&template("Hi {custom:Cost centre}", "\\{x} {user.name}"), Welcome, false, &["Cost centre"]),
        []
    );
    assert_eq!(check(&template("Lunch", "Hello **all**"), GroupMail, true, &[]), []);
    for info in LETTERS {
        for language in ["en", "de"] {
            let (subject, text) = info.kind.usual(language).expect("a usual text");
            assert_eq!(check(&template(subject, text), info.kind, false, &[]), [], "{} {language}", info.key);
            let mut filling = filling();
            filling.set_message("s", "m");
            let letter = filling.letter(&template(subject, text), language);
            assert!(!letter.text.contains(['{', '}', '*', '[']), "{}", letter.text);
            assert_eq!(letter.qr.is_some(), info.invites);
        }
    }
}

#[test]
fn the_language_falls_back_from_user_to_organization_to_english() {
    let mut own = Templates::default();
    own.set(LetterKind::Welcome, "fr", Some(template("Bonjour", "x")));
    own.set(LetterKind::Welcome, "de", Some(template("Moin", "x")));
    let subject = |reader: &str, organization: &str| {
        let (language, found) = own.choose(LetterKind::Welcome, reader, organization);
        format!("{language} {}", found.subject)
    };
    assert_eq!(subject("fr", "de"), "fr Bonjour");
    assert_eq!(subject("it", "de"), "de Moin");
    assert_eq!(subject("", "it"), "en Set up your device for {organization.name}");
    assert_eq!(
        subject("en", "de"),
        "en Set up your device for {organization.name}",
        "the usual one in one's own"
    );
    own.set(LetterKind::Welcome, "de", None);
    own.set(LetterKind::Welcome, "fr", None);
    assert_eq!(own, Templates::default());
}

#[test]
fn no_text_makes_the_reader_stumble() {
    let pieces = [
        "*",
        "**",
        "[",
        "](",
        ")",
        "{",
        "}",
        "\\",
        "\n",
        "- ",
        "1. ",
        "# ",
        "---",
        "ä",
        "{user.name}",
        "[[",
        "]]",
        "]](",
        " ",
    ];
    let mut seed = 7_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..12 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
        }
        let template = template(&text, &text);
        check(&template, LetterKind::Welcome, false, &[]);
        let letter = filling().letter(&template, "en");
        for (open, close) in
            [("<p", "</p>"), ("<strong>", "</strong>"), ("<em>", "</em>"), ("<a ", "</a>"), ("<li>", "</li>")]
        {
            let count = |what: &str| body(&letter.html).matches(what).count();
            assert_eq!(count(open), count(close), "{text:?}: {}", letter.html);
        }
    }
}
