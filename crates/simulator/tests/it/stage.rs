//! The stage that most tests play on: one server, users u1 to u3, and phones of any make.

use simulator::eas::{Credentials, Device, Model, Setup, Version};
use simulator::mailserver::{Control, MailServer, Options, Script};

pub struct Stage {
    pub server: MailServer,
    pub control: Control,
}

impl Stage {
    pub async fn new() -> Stage {
        Stage::with(Script::default()).await
    }

    pub async fn with(script: Script) -> Stage {
        let server = MailServer::start(Options { script, ..Options::default() }).await.unwrap();
        let control = server.control();
        for n in 1..=3 {
            control.add_user(&format!("u{n}"), &format!("pw{n}"), &format!("u{n}@example.test"));
        }
        Stage { server, control }
    }

    /// A phone of user u1.
    pub fn phone(&self, version: Version) -> Device {
        self.phone_of(1, "iphone", version)
    }

    pub fn phone_of(&self, user: usize, model: &str, version: Version) -> Device {
        let model = Model::named(model).unwrap();
        Device::new(Setup {
            base_url: self.server.url(),
            tls: None,
            user: format!("u{user}"),
            credentials: Credentials::basic(&format!("u{user}"), &format!("pw{user}")),
            device_id: model.device_id(user as u64),
            model,
            version,
        })
        .unwrap()
    }
}
