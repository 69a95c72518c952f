//! Steering the server from outside while it runs, and looking at what it was asked.

use std::sync::Arc;

use super::script::Script;
use super::state::{Content, MailData, Mailbox, Seen, Shared, Stored, WipeOrder, now_text};
use crate::eas::WipeKind;
use crate::wbxml::Element;

/// A mail to be delivered.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Sender's address.
    pub from: String,
    /// Subject.
    pub subject: String,
    /// Body text.
    pub text: String,
    /// Attachments: name and content.
    pub attachments: Vec<(String, Vec<u8>)>,
}

impl Mail {
    /// A mail without attachments.
    pub fn new(from: &str, subject: &str, text: &str) -> Mail {
        Mail {
            from: from.to_owned(),
            subject: subject.to_owned(),
            text: text.to_owned(),
            attachments: Vec::new(),
        }
    }
}

/// A partnership as the server sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceView {
    /// Final policy key, if it is provisioned.
    pub key: Option<u32>,
    /// How often both phases went through.
    pub provisions: u32,
    /// Device information it sent.
    pub information: Vec<(String, String)>,
    /// The wipe ordered for it.
    pub wipe: Option<WipeKind>,
    /// Status with which the wipe was acknowledged.
    pub wipe_acknowledged: Option<u32>,
    /// Requests parked right now.
    pub parked: u32,
}

/// A handle on a running server; clones steer the same one.
#[derive(Clone)]
pub struct Control {
    pub(super) shared: Arc<Shared>,
}

impl Control {
    /// Adds a user (or resets it): name, password, mail address.
    pub fn add_user(&self, name: &str, password: &str, address: &str) {
        let mailbox = Mailbox::new(password, address);
        self.shared.state.lock().mailboxes.insert(name.to_ascii_lowercase(), mailbox);
    }

    /// Changes a password.
    pub fn set_password(&self, name: &str, password: &str) {
        self.mailbox(name, |m| password.clone_into(&mut m.password));
    }

    /// Disables or enables an account; a disabled one gets 401.
    pub fn set_disabled(&self, name: &str, disabled: bool) {
        self.mailbox(name, |m| m.disabled = disabled);
    }

    /// Makes a bearer token stand for a user.
    pub fn add_token(&self, token: &str, name: &str) {
        self.shared.state.lock().tokens.insert(token.to_owned(), name.to_ascii_lowercase());
    }

    /// Ends a bearer token.
    pub fn revoke_token(&self, token: &str) {
        self.shared.state.lock().tokens.remove(token);
    }

    /// Sends a user to another server by 451, or no longer.
    pub fn move_user(&self, name: &str, url: Option<&str>) {
        self.mailbox(name, |m| m.moved_to = url.map(str::to_owned));
    }

    /// Changes the behaviour; parked requests look again.
    pub fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.shared.state.lock().script);
        self.shared.ring();
    }

    /// Puts a mail into a user's Inbox; its Pings answer.
    pub fn deliver(&self, name: &str, mail: Mail) {
        {
            let state = &mut *self.shared.state.lock();
            let mark = state.next_mark();
            let Some(mailbox) = state.mailboxes.get_mut(&name.to_ascii_lowercase()) else { return };
            let to = mailbox.address.clone();
            let Some(inbox) = mailbox.folders.get_mut("1") else { return };
            let Mail { from, subject, text, attachments } = mail;
            let attachments = attachments.into_iter().map(|(n, b)| (n, Arc::new(b))).collect();
            let data = MailData { from, to, subject, received: now_text(), text, read: false, attachments };
            inbox.items.insert(mark, Stored { mark, content: Content::Mail(data) });
            inbox.mark = mark;
        }
        self.shared.ring();
    }

    /// Invalidates the policy keys of a device, or of all: the next command is refused.
    pub fn force_provision(&self, name: &str, device_id: Option<&str>) {
        let state = &mut *self.shared.state.lock();
        for ((user, device), partner) in &mut state.partners {
            let meant = device_id.is_none_or(|d| d.eq_ignore_ascii_case(device));
            if user.eq_ignore_ascii_case(name) && meant {
                partner.key = None;
            }
        }
    }

    /// Orders a wipe; parked requests of the server are told to look again.
    pub fn order_wipe(&self, name: &str, device_id: &str, kind: WipeKind) {
        {
            let state = &mut *self.shared.state.lock();
            let partner = state.partner(&name.to_ascii_lowercase(), device_id);
            partner.wipe = Some(WipeOrder { kind, acknowledged: None, sent: false });
        }
        self.shared.ring();
    }

    /// Forgets a partnership, wipe included.
    pub fn forget_device(&self, name: &str, device_id: &str) {
        let key = (name.to_ascii_lowercase(), device_id.to_ascii_lowercase());
        self.shared.state.lock().partners.remove(&key);
    }

    /// A partnership.
    pub fn device(&self, name: &str, device_id: &str) -> Option<DeviceView> {
        let key = (name.to_ascii_lowercase(), device_id.to_ascii_lowercase());
        let state = self.shared.state.lock();
        let p = state.partners.get(&key)?;
        Some(DeviceView {
            key: p.key,
            provisions: p.provisions,
            information: p.information.clone(),
            wipe: p.wipe.map(|w| w.kind),
            wipe_acknowledged: p.wipe.and_then(|w| w.acknowledged),
            parked: p.parked,
        })
    }

    /// Identifiers of all devices that a user has partnerships with.
    pub fn devices_of(&self, name: &str) -> Vec<String> {
        let state = self.shared.state.lock();
        let mut ids: Vec<String> = state
            .partners
            .keys()
            .filter(|(u, _)| u.eq_ignore_ascii_case(name))
            .map(|(_, d)| d.clone())
            .collect();
        ids.sort();
        ids
    }

    /// The requests seen so far (the last 10,000), oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.state.lock().seen.iter().cloned().collect()
    }

    /// Forgets the requests seen so far.
    pub fn clear_seen(&self) {
        self.shared.state.lock().seen.clear();
    }

    /// Subjects in a folder (by its type number) of a user, oldest first.
    pub fn subjects(&self, name: &str, kind: u32) -> Vec<String> {
        self.items(name, kind, |content| match content {
            Content::Mail(m) => Some(m.subject.clone()),
            Content::Data(data) => {
                let subject = data.iter().find(|e| e.local() == "Subject" || e.local() == "FileAs");
                subject.and_then(Element::value).map(str::to_owned)
            }
        })
    }

    /// Body sizes of the mails in a folder (by its type number) of a user, in bytes.
    pub fn sizes(&self, name: &str, kind: u32) -> Vec<usize> {
        self.items(name, kind, |content| match content {
            Content::Mail(m) => Some(m.text.len()),
            Content::Data(_) => None,
        })
    }

    fn items<T>(&self, name: &str, kind: u32, pick: impl Fn(&Content) -> Option<T>) -> Vec<T> {
        let state = self.shared.state.lock();
        let Some(mailbox) = state.mailboxes.get(&name.to_ascii_lowercase()) else { return Vec::new() };
        let folder = mailbox.folders.values().find(|f| f.kind == kind);
        folder.map(|f| f.items.values().filter_map(|i| pick(&i.content)).collect()).unwrap_or_default()
    }

    fn mailbox(&self, name: &str, change: impl FnOnce(&mut Mailbox)) {
        if let Some(mailbox) = self.shared.state.lock().mailboxes.get_mut(&name.to_ascii_lowercase()) {
            change(mailbox);
        }
    }
}
