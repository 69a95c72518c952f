//! SendMail, SmartReply and SmartForward: delivered to the mailboxes of this server, kept in Sent Items.

use super::gate::{Ask, canonical, status};
use super::state::{Content, MailData, State, Stored, now_text};
use crate::http::Answer;
use crate::wbxml::Element;

pub(super) fn answer(state: &mut State, ask: &Ask) -> Answer {
    let cmd = ask.query.cmd.as_str();
    let (mime, keep) = if ask.version.has_common_status() {
        let Some(root) = ask.root.as_ref().filter(|r| r.local() == cmd) else { return status(cmd, 102) };
        let Some(mime) = root.at("Mime").and_then(Element::bytes) else { return status(cmd, 107) };
        (mime.to_vec(), root.at("SaveInSentItems").is_some())
    } else {
        (ask.body.clone(), ask.query.param("SaveInSent").is_some_and(|v| v == "T"))
    };
    let mime = String::from_utf8_lossy(&mime);
    let (head, text) = mime.split_once("\r\n\r\n").or_else(|| mime.split_once("\n\n")).unwrap_or((&mime, ""));
    let field = |name: &str| {
        let line = head.lines().find(|l| {
            l.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name))
                && l.as_bytes().get(name.len()) == Some(&b':')
        });
        line.map(|l| l[name.len() + 1..].trim().to_owned()).unwrap_or_default()
    };
    let to = field("To");
    if to.is_empty() {
        return if ask.version.has_common_status() { status(cmd, 119) } else { Answer::new(500, Vec::new()) };
    }
    let mail = || MailData {
        from: field("From"),
        to: to.clone(),
        subject: field("Subject"),
        received: now_text(),
        text: text.to_owned(),
        read: false,
        attachments: Vec::new(),
    };
    for recipient in to.split(',') {
        let name = canonical(recipient.rsplit('<').next().unwrap_or(recipient).trim());
        put(state, &name, "1", mail());
    }
    if keep {
        put(state, &ask.user, "4", MailData { read: true, ..mail() });
    }
    Answer::new(200, Vec::new())
}

fn put(state: &mut State, user: &str, folder: &str, mail: MailData) {
    let mark = state.next_mark();
    let folder = state.mailboxes.get_mut(user).and_then(|m| m.folders.get_mut(folder));
    if let Some(folder) = folder {
        folder.items.insert(mark, Stored { mark, content: Content::Mail(mail) });
        folder.mark = mark;
    }
}
