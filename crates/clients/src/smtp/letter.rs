//! A mail as it goes out. Addresses and lines are types that cannot begin another header.

use std::time::{Duration, UNIX_EPOCH};

use domain::Millis;
use domain::mail::{Line, MailAddress};
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, header};

/// A mail to one recipient, in plain text.
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
    /// Body.
    pub text: &'a str,
    /// The same for all attempts at the same mail.
    pub id: String,
    /// When it was written.
    pub at: Millis,
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
            .message_id(Some(format!("<{}@{}>", self.id, self.sender.domain())))
            // Nobody's absence note answers it (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(header::ContentTransferEncoding::QuotedPrintable)
            .header(ContentType::TEXT_PLAIN);
        if let Some(reply_to) = self.reply_to {
            message = message.reply_to(Mailbox::new(None, address(reply_to)?));
        }
        message.body(self.text.to_owned()).map_err(|error| error.to_string())
    }
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
}
