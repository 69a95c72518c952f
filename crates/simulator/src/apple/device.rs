//! A device: it enrols from a profile, comes for commands, and misbehaves when it is told to.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::cms::{self, Cipher, Form, Shape, mdm_signature, sha256};
use super::commands::{Outcome, carry_out, unlock_token};
use super::ddm::Declarations;
use super::identity::{Identity, look};
use super::model::{Installed, Model};
use super::plist::{Plist, dict, text};
use super::scep::{self, Ask, Reply};
use crate::http::{BaseUrl, Client, Request, Response, TlsClient, percent_encode};

/// How a device behaves; all of it can be changed at any time.
#[derive(Clone, Debug)]
pub struct Script {
    /// It is locked: what needs an unlocked device is put off.
    pub locked: bool,
    /// How it signs its messages.
    pub shape: Shape,
    /// SCEP by GET instead of POST.
    pub scep_by_get: bool,
    /// Cipher and form of its SCEP messages.
    pub cipher: (Cipher, Form),
    /// Every report is sent twice.
    pub reports_twice: bool,
    /// The answers to as many reports are lost: it sends the report again.
    pub lost_answers: u32,
    /// It says nothing when its management is removed.
    pub leaves_silently: bool,
    /// After a renewal it uses the new certificate without a new Authenticate.
    pub renews_quietly: bool,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            locked: false,
            shape: Shape::Apple,
            scep_by_get: false,
            cipher: (Cipher::Aes, Form::Ber),
            reports_twice: false,
            lost_answers: 0,
            leaves_silently: false,
            renews_quietly: false,
        }
    }
}

/// What a device knows of its management.
struct Management {
    identity: Identity,
    profile: String,
    topic: String,
    server_url: String,
    check_in_url: String,
    signs: bool,
    says_goodbye: bool,
}

/// A command that was carried out (or not).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handled {
    /// `CommandUUID`.
    pub uuid: String,
    /// `RequestType`.
    pub request_type: String,
    /// What was reported.
    pub status: &'static str,
}

/// A device.
pub struct Device {
    /// What it is.
    pub model: Model,
    /// How it behaves.
    pub script: Script,
    /// What the server did that no server should.
    pub violations: Vec<String>,
    /// Its declarations.
    pub declarations: Declarations,
    /// Times its push token changed.
    pub tokens: u8,
    tls: Option<Arc<TlsClient>>,
    management: Option<Management>,
}

impl Device {
    /// A device that is not enrolled; TLS settings are needed for `https` addresses only.
    pub fn new(model: Model, tls: Option<Arc<TlsClient>>) -> Self {
        Self {
            model,
            script: Script::default(),
            violations: Vec::new(),
            declarations: Declarations::default(),
            tokens: 0,
            tls,
            management: None,
        }
    }

    /// Whether it is managed.
    pub fn is_managed(&self) -> bool {
        self.management.is_some()
    }

    /// The certificate of its identity.
    pub fn certificate(&self) -> Option<&[u8]> {
        self.management.as_ref().map(|management| management.identity.certificate.as_slice())
    }

    /// What a push has to say for it.
    pub fn push_magic(&self) -> String {
        format!("magic of {}", self.model.udid)
    }

    /// Its push token.
    pub fn push_token(&self) -> Vec<u8> {
        sha256(format!("{} {}", self.model.udid, self.tokens).as_bytes())
    }

    /// Enrols from a profile, signed or not.
    ///
    /// # Errors
    /// Whatever a device would show its user.
    pub async fn enrol(&mut self, profile: &[u8]) -> Result<()> {
        let management = self.set_up(profile).await?;
        self.management = Some(management);
        self.declarations = Declarations::default();
        self.authenticate().await?;
        self.token_update().await
    }

    /// Reads an enrolment profile and gets the identity that it asks for.
    async fn set_up(&self, profile: &[u8]) -> Result<Management> {
        let profile = unsigned(profile)?;
        let payload = |kind: &str| {
            let mut all = profile.array("PayloadContent").iter();
            let found = all.position(|payload| payload.text("PayloadType") == Some(kind));
            found
                .map(|at| (at, &profile.array("PayloadContent")[at]))
                .with_context(|| format!("no payload {kind}"))
        };
        let ((first, scep), (second, mdm)) = (payload("com.apple.security.scep")?, payload("com.apple.mdm")?);
        ensure!(first < second, "the identity must stand before what uses it");
        ensure!(mdm.text("IdentityCertificateUUID") == scep.text("PayloadUUID"), "another identity");
        let topic = mdm.text("Topic").context("no topic")?;
        ensure!(topic.starts_with("com.apple.mgmt."), "a strange topic");
        let server_url = mdm.text("ServerURL").context("no server")?;
        let identity = self.get_identity(scep.get("PayloadContent").context("an empty payload")?).await?;
        Ok(Management {
            identity,
            profile: profile.text("PayloadIdentifier").context("no identifier")?.to_owned(),
            topic: topic.to_owned(),
            check_in_url: mdm.text("CheckInURL").unwrap_or(server_url).to_owned(),
            server_url: server_url.to_owned(),
            signs: mdm.truth("SignMessage"),
            says_goodbye: mdm.truth("CheckOutWhenRemoved"),
        })
    }

    /// SCEP, from the capabilities to the certificate.
    async fn get_identity(&self, payload: &Plist) -> Result<Identity> {
        let url = payload.text("URL").context("no SCEP server")?;
        let name = percent_encode(payload.text("Name").unwrap_or_default());
        let mut client = self.client(url)?;
        let capabilities = client
            .send(&Request::new("GET", format!("?operation=GetCACaps&message={name}"), Vec::new()))
            .await?;
        let capabilities = String::from_utf8_lossy(&capabilities.body).into_owned();
        ensure!(capabilities.contains("SHA-256"), "the SCEP server knows no SHA-2");
        let by_post = !self.script.scep_by_get;
        ensure!(!by_post || capabilities.contains("POSTPKIOperation"), "the SCEP server takes no POST");
        let authority = client
            .send(&Request::new("GET", format!("?operation=GetCACert&message={name}"), Vec::new()))
            .await?;
        ensure!(
            authority.headers.get("Content-Type") == Some("application/x-x509-ca-cert"),
            "several certificates"
        );
        let authority = authority.body;
        if let Some(fingerprint) = payload.data("CAFingerprint") {
            ensure!(fingerprint == sha256(&authority), "the fingerprint is of another authority");
        }
        let mut identity = Identity::throw_away(&self.model.udid);
        let transaction = STANDARD.encode(&sha256(&identity.public_key())[..12]);
        let mut nonce = [0; 16];
        aws_lc_rs::rand::fill(&mut nonce).ok().context("no randomness")?;
        let (cipher, form) = self.script.cipher;
        let ask = Ask { message_type: "19", transaction: &transaction, nonce, cipher, form };
        let request = identity.request(&self.model.udid, payload.text("Challenge"));
        let message = scep::message(&ask, &request, &identity, &authority);
        let request = if by_post {
            let mut request = Request::new("POST", "?operation=PKIOperation", message);
            request.headers.add("Content-Type", "application/x-pki-message");
            request
        } else {
            let message = percent_encode(&STANDARD.encode(message));
            Request::new("GET", format!("?operation=PKIOperation&message={message}"), Vec::new())
        };
        let answer = client.send(&request).await?;
        ensure!(answer.status == 200, "the SCEP server answers {}", answer.status);
        match scep::reply(&answer.body, &ask, &identity, &authority) {
            Reply::Certificate(certificate, _) => {
                let own = look(&certificate).context("an unreadable certificate")?;
                ensure!(own.public_key == identity.public_key(), "a certificate for another key");
                identity.certificate = certificate;
                Ok(identity)
            }
            other => bail!("no certificate: {other:?}"),
        }
    }

    /// Says Authenticate.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn authenticate(&mut self) -> Result<()> {
        let model = &self.model;
        let mut body = dict([
            ("DeviceName", text(&model.name)),
            ("Model", text("MYAP3")),
            ("ModelName", text(&model.model_name)),
            ("OSVersion", text(&model.os_version)),
            ("BuildVersion", text(&model.build)),
            ("ProductName", text(&model.product)),
            ("SerialNumber", text(&model.serial)),
        ]);
        if !model.imei.is_empty() {
            body.insert("IMEI".into(), text(&model.imei));
        }
        let answer = self.check_in("Authenticate", body).await?;
        ensure!(answer.status == 200, "Authenticate is answered {}", answer.status);
        Ok(())
    }

    /// Says TokenUpdate; the push token is another one each time.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn token_update(&mut self) -> Result<()> {
        let first = self.tokens == 0;
        self.tokens = self.tokens.wrapping_add(1);
        let mut body = dict([
            ("Token", Plist::Data(self.push_token())),
            ("PushMagic", text(self.push_magic())),
            ("AwaitingConfiguration", Plist::Bool(false)),
        ]);
        if first {
            body.insert("UnlockToken".into(), Plist::Data(unlock_token(&self.model)));
        }
        let answer = self.check_in("TokenUpdate", body).await?;
        ensure!(answer.status == 200, "TokenUpdate is answered {}", answer.status);
        Ok(())
    }

    /// Says TokenUpdate for a user of the device.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn user_token_update(&mut self, user: &str, name: &str) -> Result<Response> {
        let body = dict([
            ("Token", Plist::Data(sha256(user.as_bytes()))),
            ("PushMagic", text(format!("magic of {user}"))),
            ("UserID", text(user)),
            ("UserShortName", text(name)),
            ("NotOnConsole", text("false")),
        ]);
        self.check_in("TokenUpdate", body).await
    }

    /// Its management is removed; it says so, if it was asked to and the script lets it.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn leave(&mut self) -> Result<()> {
        let says = self.management.as_ref().is_some_and(|management| management.says_goodbye);
        if says && !self.script.leaves_silently {
            self.check_in("CheckOut", BTreeMap::new()).await?;
        }
        self.management = None;
        Ok(())
    }

    /// Comes for commands, as after a push, until there are none; what was done.
    ///
    /// # Errors
    /// When the server cannot be reached, or answers with an error.
    pub async fn connect(&mut self) -> Result<Vec<Handled>> {
        let mut handled = Vec::new();
        let mut report = dict([("Status", text("Idle"))]);
        loop {
            let answer = self.report(&report).await?;
            if answer.status == 401 || (answer.status == 403 && unrecognized(&answer.body)) {
                // What 401 has always meant to devices.
                self.management = None;
                return Ok(handled);
            }
            ensure!(answer.status == 200, "a report is answered {}", answer.status);
            if answer.body.is_empty() {
                return Ok(handled);
            }
            let message = Plist::read(&answer.body).context("a command that is no property list")?;
            let uuid = message.text("CommandUUID").context("a command without name")?.to_owned();
            let command = message.get("Command").context("no command")?.clone();
            let request_type = command.text("RequestType").unwrap_or_default().to_owned();
            let again = handled.iter().any(|done: &Handled| done.uuid == uuid && done.status == "NotNow");
            if again {
                self.violations.push(format!("{request_type} was put off and came again at once"));
                return Ok(handled);
            }
            let (status, body) = self.carry_out(&request_type, &command).await;
            report = body;
            report.insert("Status".into(), text(status));
            report.insert("CommandUUID".into(), text(&uuid));
            handled.push(Handled { uuid, request_type: request_type.clone(), status });
            if request_type == "EraseDevice" && status == "Acknowledged" {
                self.report(&report).await?;
                self.erase();
                return Ok(handled);
            }
        }
    }

    fn erase(&mut self) {
        self.model.erased += 1;
        self.model.profiles.clear();
        self.model.apps.clear();
        self.declarations = Declarations::default();
        self.management = None;
        self.tokens = 0;
    }

    async fn carry_out(&mut self, kind: &str, command: &Plist) -> (&'static str, BTreeMap<String, Plist>) {
        let failed = |why: String| ("Error", error_chain(1_000, "SimulatorErrorDomain", &why));
        match kind {
            "InstallProfile" if !self.script.locked => match self.install(command).await {
                Ok(()) => ("Acknowledged", BTreeMap::new()),
                Err(error) => failed(format!("{error:#}")),
            },
            "DeclarativeManagement" => match self.synchronize(command.data("Data")).await {
                Ok(()) => ("Acknowledged", BTreeMap::new()),
                Err(error) => {
                    self.violations.push(format!("declarations: {error:#}"));
                    failed(format!("{error:#}"))
                }
            },
            _ => match carry_out(&mut self.model, self.script.locked, command) {
                Outcome::Done(body) => ("Acknowledged", body),
                Outcome::NotNow => ("NotNow", BTreeMap::new()),
                Outcome::Failed(code, domain, words) => ("Error", error_chain(code, domain, &words)),
            },
        }
    }

    /// Installs a profile; the enrolment's own again means: a new identity.
    async fn install(&mut self, command: &Plist) -> Result<()> {
        let bytes = command.data("Payload").context("no payload")?;
        let profile = unsigned(bytes)?;
        let identifier = profile.text("PayloadIdentifier").context("no identifier")?.to_owned();
        let Some(known) = &self.management else { bail!("not managed") };
        if known.profile == identifier {
            let renewed = self.set_up(bytes).await?;
            let Some(known) = &self.management else { bail!("not managed") };
            ensure!(
                renewed.topic == known.topic
                    && renewed.server_url == known.server_url
                    && renewed.check_in_url == known.check_in_url,
                "addresses and topic of an enrolment cannot change"
            );
            self.management = Some(renewed);
            if !self.script.renews_quietly {
                self.authenticate().await?;
                self.token_update().await?;
            }
            return Ok(());
        }
        let payloads =
            profile.array("PayloadContent").iter().filter_map(|p| p.text("PayloadType").map(str::to_owned));
        let installed = Installed {
            uuid: profile.text("PayloadUUID").unwrap_or_default().to_owned(),
            name: profile.text("PayloadDisplayName").unwrap_or_default().to_owned(),
            payloads: payloads.collect(),
            identifier: identifier.clone(),
        };
        self.model.profiles.retain(|known| known.identifier != identifier);
        self.model.profiles.push(installed);
        Ok(())
    }

    /// Brings the declarations up to date and tells their state.
    ///
    /// # Errors
    /// When the server breaks the rules.
    pub async fn synchronize(&mut self, tokens: Option<&[u8]>) -> Result<()> {
        let tokens = match tokens {
            Some(tokens) => serde_json::from_slice(tokens)?,
            None => self.declarative("tokens", None).await?.context("no tokens")?,
        };
        if self.declarations.is_behind(&tokens) {
            let items = self.declarative("declaration-items", None).await?.context("no items")?;
            let fetch = self.declarations.take_items(&items).map_err(anyhow::Error::msg)?;
            for (kind, identifier) in fetch {
                // One that is gone by now answers 404, and is asked for again at the next change.
                if let Some(document) =
                    self.declarative(&format!("declaration/{kind}/{identifier}"), None).await?
                {
                    self.declarations.take(&identifier, document).map_err(anyhow::Error::msg)?;
                }
            }
        }
        let items = json!({
            "device": { "operating-system": { "version": self.model.os_version, "family": "iOS" } },
            "passcode": { "is-present": self.model.passcode, "is-compliant": self.model.compliant },
        });
        let status = self.declarations.status(items);
        self.declarative("status", Some(&status)).await?;
        Ok(())
    }

    /// Asks declarative management; `None` for 404 and empty answers.
    async fn declarative(&mut self, endpoint: &str, data: Option<&Value>) -> Result<Option<Value>> {
        let mut body = dict([("Endpoint", text(endpoint))]);
        if let Some(data) = data {
            body.insert("Data".into(), Plist::Data(data.to_string().into_bytes()));
        }
        let answer = self.check_in("DeclarativeManagement", body).await?;
        match answer.status {
            404 => Ok(None),
            200 if answer.body.is_empty() => Ok(None),
            200 => Ok(Some(serde_json::from_slice(&answer.body)?)),
            status => bail!("{endpoint} is answered {status}"),
        }
    }

    /// Sends a check-in message.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn check_in(&mut self, kind: &str, mut body: BTreeMap<String, Plist>) -> Result<Response> {
        let management = self.management.as_ref().context("not managed")?;
        let (url, topic) = (management.check_in_url.clone(), management.topic.clone());
        body.insert("MessageType".into(), text(kind));
        if matches!(kind, "Authenticate" | "TokenUpdate" | "CheckOut") {
            body.insert("Topic".into(), text(topic));
        }
        self.send(&url, "application/x-apple-aspen-mdm-checkin", body).await
    }

    /// Sends a report, twice or again if the script says so.
    async fn report(&mut self, body: &BTreeMap<String, Plist>) -> Result<Response> {
        let url = self.management.as_ref().context("not managed")?.server_url.clone();
        let kind = "application/x-apple-aspen-mdm";
        let said = body.contains_key("CommandUUID");
        if said && (self.script.reports_twice || self.script.lost_answers > 0) {
            self.script.lost_answers = self.script.lost_answers.saturating_sub(1);
            self.send(&url, kind, body.clone()).await?;
        }
        self.send(&url, kind, body.clone()).await
    }

    async fn send(&mut self, url: &str, kind: &str, mut body: BTreeMap<String, Plist>) -> Result<Response> {
        body.insert("UDID".into(), text(&self.model.udid));
        let body = Plist::Dict(body).to_xml();
        let mut request = Request::new("PUT", "", body);
        request.headers.add("Content-Type", kind);
        let management = self.management.as_ref().context("not managed")?;
        if management.signs {
            let signature = mdm_signature(&request.body, &management.identity, self.script.shape);
            request.headers.add("Mdm-Signature", signature);
        }
        Ok(self.client(url)?.send(&request).await?)
    }

    fn client(&self, url: &str) -> Result<Client> {
        Ok(Client::new(BaseUrl::parse(url)?, self.tls.clone()))
    }
}

/// A profile without its signature, if it has one. Whether the signer is trusted is only colour.
fn unsigned(bytes: &[u8]) -> Result<Plist> {
    if bytes.starts_with(b"<?xml") {
        return Plist::read(bytes).context("no property list");
    }
    let inside = cms::content(bytes).context("neither a profile nor a signed one")?;
    Plist::read(&inside).context("no property list within")
}

fn unrecognized(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|body| body["code"] == "com.apple.unrecognized.device")
}

fn error_chain(code: i64, domain: &str, words: &str) -> BTreeMap<String, Plist> {
    let item = dict([
        ("ErrorCode", Plist::Int(code)),
        ("ErrorDomain", text(domain)),
        ("LocalizedDescription", text(words)),
        ("USEnglishDescription", text(words)),
    ]);
    dict([("ErrorChain", Plist::Array(vec![Plist::Dict(item)]))])
}
