//! A mail as it goes out. Addresses and lines are types that cannot begin another header.

use std::time::{Duration, UNIX_EPOCH};

use domain::Millis;
use domain::mail::{Line, MailAddress};
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, MultiPart, SinglePart, header};

/// A mail to one recipient: plain text, and the same as a page if there is one.
pub struct Letter<'a> {
    /// Whom it comes from.
    pub sender: &'a MailAddress,
    /// Name beside it; may be empty.
    pub sender_name: &'a Line,
    /// Where answers go.
    pub reply_to: Option<&'a MailAddress>,
    /// To whom.
    pub recipient: &'a MailAddress,
    /// Subject.
    pub subject: &'a Line,
    /// Plain text.
    pub text: &'a str,
    /// The same as a page.
    pub html: Option<&'a str>,
    /// A picture in the page, by its content id: PNG.
    pub picture: Option<(&'a str, Vec<u8>)>,
    /// A file beside it.
    pub file: Option<File<'a>>,
    /// What the mail is to many with (`group-mail`), for its `List-Id` (RFC 2919); `None` for one that is about its
    /// reader.
    pub list: Option<&'a str>,
    /// The same for all attempts at the same mail.
    pub id: String,
    /// When it was written.
    pub at: Millis,
}

/// A file that goes with a mail.
pub struct File<'a> {
    /// Its name, ASCII.
    pub name: &'a str,
    /// Media type.
    pub media: &'a str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Letter<'_> {
    /// The message with its envelope.
    pub(super) fn message(&self) -> Result<Message, String> {
        let date = UNIX_EPOCH + Duration::from_millis(u64::try_from(self.at).unwrap_or_default());
        let name = Some(self.sender_name.as_str()).filter(|name| !name.is_empty()).map(str::to_owned);
        let mut message = Message::builder()
            .from(Mailbox::new(name, address(self.sender)?))
            .to(Mailbox::new(None, address(self.recipient)?))
            .subject(self.subject.as_str())
            .date(date)
            .message_id(Some(format!("<{}@{}>", self.id, self.sender.domain())));
        // Nobody's absence note answers it (RFC 3834).
        message = message.raw_header(raw("Auto-Submitted", "auto-generated".to_owned()));
        if let Some(list) = self.list {
            message = message.raw_header(raw("List-Id", format!("<{list}.{}>", self.sender.domain())));
            message = message.raw_header(raw("Precedence", "bulk".to_owned()));
        }
        if let Some(reply_to) = self.reply_to {
            message = message.reply_to(Mailbox::new(None, address(reply_to)?));
        }
        let text = SinglePart::builder()
            .header(header::ContentTransferEncoding::QuotedPrintable)
            .header(ContentType::TEXT_PLAIN)
            .body(self.text.to_owned());
        let file = self.file.as_ref().map(file).transpose()?;
        let Some(html) = self.html else {
            return match file {
                None => message.singlepart(text),
                Some(file) => message.multipart(MultiPart::mixed().singlepart(text).singlepart(file)),
            }
            .map_err(|error| error.to_string());
        };
        let html = SinglePart::builder()
            .header(header::ContentTransferEncoding::QuotedPrintable)
            .header(ContentType::TEXT_HTML)
            .body(html.to_owned());
        // Readers show the last part that they understand; the picture belongs to the page alone.
        let parts = MultiPart::alternative().singlepart(text);
        let parts = match &self.picture {
            None => parts.singlepart(html),
            Some((id, png)) => {
                let kind = ContentType::parse("image/png").map_err(|error| error.to_string())?;
                let picture = Attachment::new_inline((*id).to_owned()).body(png.clone(), kind);
                parts.multipart(MultiPart::related().singlepart(html).singlepart(picture))
            }
        };
        let parts = match file {
            None => parts,
            Some(file) => MultiPart::mixed().multipart(parts).singlepart(file),
        };
        message.multipart(parts).map_err(|error| error.to_string())
    }
}

/// The part of a file, in Base64 whatever it holds: its line ends and its very long lines arrive as they are.
fn file(file: &File<'_>) -> Result<SinglePart, String> {
    let kind = ContentType::parse(file.media).map_err(|error| error.to_string())?;
    let body = Body::new_with_encoding(file.bytes.clone(), header::ContentTransferEncoding::Base64);
    let body = body.map_err(|_| "the file cannot be encoded".to_owned())?;
    Ok(Attachment::new(file.name.to_owned()).body(body, kind))
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

fn address(address: &MailAddress) -> Result<lettre::Address, String> {
    address.as_str().parse().map_err(|error| format!("{address}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_becomes_a_header() {
        let sender = "mdm@example.com".parse().expect("an address");
        let recipient = "anna@example.com".parse().expect("an address");
        let evil = "x\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>";
        let letter = Letter {
            sender: &sender,
            sender_name: &Line::from(evil),
            reply_to: Some(&recipient),
            recipient: &recipient,
            subject: &Line::from(evil),
            text: "Grüße\r\n.\r\nBcc: all@example.com\n",
            html: None,
            picture: None,
            file: None,
            list: None,
            id: "mail_1".into(),
            at: 1_767_225_600_000,
        };
        let message = letter.message().expect("a message");
        assert_eq!(message.envelope().to().len(), 1);
        let text = String::from_utf8(message.formatted()).expect("text");
        let (head, _) = text.split_once("\r\n\r\n").expect("a head");
        // Folded lines belong to the header before them.
        let names: Vec<_> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap_or_default())
            .collect();
        assert!(!names.iter().any(|name| name.eq_ignore_ascii_case("bcc")), "{head}");
        assert_eq!(names.iter().filter(|name| **name == "Subject").count(), 1);
        assert!(head.contains("Message-ID: <mail_1@example.com>"), "{head}");
        assert!(head.contains("Date: Thu, 01 Jan 2026 00:00:00"), "{head}");
        assert!(head.contains("text/plain"), "{head}");
    }

    #[test]
    fn a_page_stands_beside_its_text_and_has_its_picture_with_it() {
        let sender = "mdm@example.com".parse().expect("an address");
        let recipient = "anna@example.com".parse().expect("an address");
        let letter = Letter {
            sender: &sender,
            sender_name: &Line::from("MDM"),
            reply_to: None,
            recipient: &recipient,
            subject: &Line::from("Grüße"),
            text: "plain\n",
            html: Some("<p>page</p>"),
            picture: Some(("enrolment-qr", vec![0x89, b'P', b'N', b'G'])),
            file: None,
            list: Some("group-mail"),
            id: "mail_1".into(),
            at: 1_767_225_600_000,
        };
        let text = String::from_utf8(letter.message().expect("a message").formatted()).expect("text");
        let order = [
            "multipart/alternative",
            "text/plain",
            "plain",
            "multipart/related",
            "text/html",
            "<p>page</p>",
            "image/png",
            "iVBORw==",
        ];
        let mut rest = text.as_str();
        for piece in order {
            rest =
                rest.split_once(piece).unwrap_or_else(|| panic!("{piece} is missing or misplaced: {text}")).1;
        }
        assert!(
            text.contains("Content-ID: <enrolment-qr>") && text.contains("Content-Disposition: inline"),
            "{text}"
        );
        assert!(text.contains("List-Id: <group-mail.example.com>\r\nPrecedence: bulk"), "{text}");
        let bare = Letter { html: None, picture: None, list: None, ..letter };
        let text = String::from_utf8(bare.message().expect("a message").formatted()).expect("text");
        assert!(
            !text.contains("multipart") && !text.contains("List-Id") && text.contains("quoted-printable"),
            "{text}"
        );
    }

    #[test]
    fn a_file_stands_beside_the_text_and_beside_the_page() {
        let sender = "mdm@example.com".parse().expect("an address");
        let recipient = "anna@example.com".parse().expect("an address");
        let bytes = b"\xEF\xBB\xBF\"a\",\"'=1\"\r\n".to_vec();
        let blank = Line::default();
        let encoded = "77u/ImEiLCInPTEiDQo=";
        let letter = |html| Letter {
            sender: &sender,
            sender_name: &blank,
            reply_to: None,
            recipient: &recipient,
            subject: &blank,
            text: "plain\n",
            html,
            picture: None,
            file: Some(File {
                name: "report.csv",
                media: "text/csv; charset=utf-8; header=present",
                bytes: bytes.clone(),
            }),
            list: None,
            id: "mail_1".into(),
            at: 1_767_225_600_000,
        };
        for html in [None, Some("<p>page</p>")] {
            let text =
                String::from_utf8(letter(html).message().expect("a message").formatted()).expect("text");
            let (before, file) = text.split_once("attachment; filename=\"report.csv\"").expect("a file");
            assert!(before.contains("multipart/mixed") && before.contains("plain"), "{text}");
            assert_eq!(before.contains("<p>page</p>"), html.is_some(), "{text}");
            assert!(file.contains("text/csv") && file.contains(encoded), "{text}");
        }
    }
}
