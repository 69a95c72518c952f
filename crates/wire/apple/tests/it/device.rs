//! A simulated device, whose code is another's, against a small server made of the codecs: enrolment, commands, renewal
//! and declarations over real sockets.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use simulator::apple::cms::{Cipher as SimCipher, Form, Shape};
use simulator::apple::identity::Identity;
use simulator::apple::model::Model;
use simulator::apple::{Device, Script};
use simulator::http::{Answer, Incoming as HttpRequest, Wire, percent_decode, serve_connection};
use wire_apple::ddm::{Declaration, Endpoint, Set, StatusReport};
use wire_apple::plist::{Dict, Value};
use wire_apple::profile::{ACCESS_ALL, Mdm, Profile, Scep};
use wire_apple::{CheckIn, Command, Incoming, Message, Report, Status, refusal};
use wire_pki::scep::{
    Answer as ScepAnswer, CAPABILITIES, CERTIFICATE_TYPE, Entropy, FailInfo, Request, from_query,
};
use wire_pki::{Authority, Content, Leaf, Name, NewAuthority, Signer, pem, scep, sign, verify};

const TOPIC: &str = "com.apple.mgmt.External.6ab1a4f5";
const NOW: i64 = 1_767_225_600_000;

#[derive(Default)]
struct State {
    challenges: HashSet<String>,
    /// Certificate (SHA-256) and whose it is.
    bound: HashMap<[u8; 32], String>,
    check_ins: Vec<String>,
    queue: Vec<Command>,
    put_off: HashSet<String>,
    done: HashMap<String, Report>,
    reports: usize,
    declarations: Set,
    status: Option<StatusReport>,
    magic: Option<Vec<u8>>,
    unknown: bool,
    issued: u8,
}

#[derive(Clone)]
struct Server {
    authority: Arc<Authority>,
    state: Arc<Mutex<State>>,
    base: String,
}

impl Server {
    async fn start() -> Self {
        let key = pem::private_key(include_str!("../../../pki/testdata/ca.key"), "").expect("a key");
        let new = NewAuthority {
            name: &Name::common("Devices"),
            serial: &[1; 16],
            not_before: NOW,
            not_after: NOW * 2,
        };
        let authority = Arc::new(Authority::create(&new, key).expect("an authority"));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Self { authority, state: Arc::default(), base };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let server = serving.clone();
                tokio::spawn(serve_connection(Wire::new(tcp), move |request| {
                    let answer = server.answer(&request);
                    async move { answer }
                }));
            }
        });
        server
    }

    fn state<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        with(&mut self.state.lock().expect("the state"))
    }

    /// A signed enrolment profile with a challenge of its own.
    fn profile(&self) -> Vec<u8> {
        let challenge = self.state(|state| {
            let challenge = format!("challenge {}", state.challenges.len());
            state.challenges.insert(challenge.clone());
            challenge
        });
        let scep = Scep {
            url: format!("{}/scep", self.base),
            name: "devices & more".into(),
            subject: vec![("CN".into(), "device".into())],
            challenge: challenge.clone(),
            key_size: 2048,
            fingerprint: Some(self.authority.certificate().sha256().to_vec()),
        };
        let mdm = Mdm {
            identity: "identity".into(),
            topic: TOPIC.into(),
            server_url: format!("{}/mdm", self.base),
            check_in_url: Some(format!("{}/checkin", self.base)),
            access_rights: ACCESS_ALL,
            sign_messages: true,
            user_channels: true,
            bootstrap_token: true,
            development: false,
        };
        let payloads =
            vec![scep.payload("e.scep", "identity", "Identity"), mdm.payload("e.mdm", "mdm", "Management")];
        let profile = Profile {
            identifier: "e".into(),
            uuid: challenge,
            display_name: "Example".into(),
            payloads,
            ..Profile::default()
        };
        let signer =
            Signer { certificate: self.authority.certificate(), key: self.authority.key(), chain: &[] };
        sign(&profile.to_xml(), &signer, NOW).expect("a signed profile")
    }

    fn answer(&self, request: &HttpRequest) -> Answer {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        match path {
            "/scep" => self.scep(query, &request.body),
            "/mdm" | "/checkin" => self.mdm(request).unwrap_or_else(|status| Answer::new(status, Vec::new())),
            _ => Answer::new(404, Vec::new()),
        }
    }

    fn scep(&self, query: &str, body: &[u8]) -> Answer {
        let of = |name: &str| {
            query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
        };
        match of("operation").as_deref() {
            Some("GetCACaps") => Answer::new(200, CAPABILITIES.into()),
            Some("GetCACert") => Answer::new(200, self.authority.certificate().to_der().to_vec())
                .with("Content-Type", CERTIFICATE_TYPE),
            Some("PKIOperation") => {
                let message = match of("message") {
                    Some(message) => from_query(&percent_decode(&message)).expect("base64"),
                    None => body.to_vec(),
                };
                let Ok(message) = scep::Message::read(&message) else { return Answer::new(400, Vec::new()) };
                let entropy =
                    Entropy { nonce: [9; 16], content: *b"forty-eight bytes that nobody ever used before.." };
                let opened = message.open(&self.authority);
                let answer = match &opened {
                    Ok((Request::Enroll(request), cipher)) => {
                        let good = self.state(|state| {
                            state.challenges.remove(request.challenge().expect("a challenge"))
                        });
                        let serial = self.state(|state| {
                            state.issued += 1;
                            [state.issued; 16]
                        });
                        let subject = Name::common("ours");
                        let leaf = Leaf {
                            subject: &subject,
                            key: request.key(),
                            serial: &serial,
                            not_before: NOW,
                            not_after: NOW * 2,
                        };
                        good.then(|| (self.authority.issue(&leaf).expect("a certificate"), *cipher))
                            .ok_or(FailInfo::BadMessageCheck)
                    }
                    Ok(_) => Err(FailInfo::BadRequest),
                    Err(info) => Err(*info),
                };
                let answer = match &answer {
                    Ok((certificate, cipher)) => ScepAnswer::Certificate(certificate, *cipher),
                    Err(info) => ScepAnswer::Failure(*info),
                };
                Answer::new(200, message.answer(answer, &self.authority, &entropy).expect("an answer"))
            }
            _ => Answer::new(404, Vec::new()),
        }
    }

    fn mdm(&self, request: &HttpRequest) -> Result<Answer, u16> {
        let signature = request
            .headers
            .get("Mdm-Signature")
            .and_then(|value| STANDARD.decode(value).ok())
            .ok_or(400_u16)?;
        let signed = verify(&signature, Content::Detached(&request.body)).map_err(|_| 400_u16)?;
        if !self.authority.issued(&signed.signer) {
            return Err(400);
        }
        let certificate = signed.signer.sha256();
        let body = match Incoming::read(&request.body).map_err(|_| 400_u16)? {
            Incoming::CheckIn(check_in) => self.check_in(certificate, check_in)?,
            Incoming::Report(report) => self.state(|state| {
                if state.unknown {
                    return Err(403);
                }
                state.report(certificate, report)
            })?,
        };
        Ok(Answer::new(200, body))
    }

    fn check_in(&self, certificate: [u8; 32], check_in: CheckIn) -> Result<Vec<u8>, u16> {
        let id = check_in.enrolment.device.clone();
        self.state(|state| {
            let name = format!("{:?}", check_in.message);
            let name = name.split(['(', ' ']).next().unwrap_or_default();
            state
                .check_ins
                .push(format!("{name} {}", if check_in.enrolment.is_user() { "user" } else { "device" }));
            if matches!(check_in.message, Message::Authenticate(_)) {
                state.bound.insert(certificate, id.clone());
            }
            // A certificate of ours that was got for a renewal is bound at its first use.
            if state.bound.entry(certificate).or_insert_with(|| id.clone()) != &id {
                return Err(400);
            }
            match check_in.message {
                Message::TokenUpdate(update) => {
                    state.magic = Some(update.push_magic.0);
                    Ok(Vec::new())
                }
                Message::DeclarativeManagement(endpoint, data) => state.declarative(&endpoint, &data),
                _ => Ok(Vec::new()),
            }
        })
    }
}

impl State {
    fn report(&mut self, certificate: [u8; 32], report: Report) -> Result<Vec<u8>, u16> {
        self.reports += 1;
        if self.bound.entry(certificate).or_insert_with(|| report.enrolment.device.clone())
            != &report.enrolment.device
        {
            return Err(400);
        }
        match (report.status, report.command_uuid.clone()) {
            (Status::Idle, _) => self.put_off.clear(),
            (Status::NotNow, Some(uuid)) => drop(self.put_off.insert(uuid)),
            (_, Some(uuid)) => {
                self.queue.retain(|command| command.uuid != uuid);
                self.done.entry(uuid).or_insert(report);
            }
            _ => {}
        }
        let next = self.queue.iter().find(|command| !self.put_off.contains(&command.uuid));
        Ok(next.map(Command::to_xml).unwrap_or_default())
    }

    fn declarative(&mut self, endpoint: &Endpoint, data: &[u8]) -> Result<Vec<u8>, u16> {
        let json = match endpoint {
            Endpoint::Tokens => self.declarations.tokens(NOW),
            Endpoint::Items => self.declarations.items(),
            Endpoint::Declaration(kind, identifier) => {
                self.declarations.get(*kind, identifier).ok_or(404_u16)?.to_json()
            }
            Endpoint::Status => {
                self.status = Some(StatusReport::read(data).map_err(|_| 400_u16)?);
                return Ok(Vec::new());
            }
        };
        Ok(json.to_string().into_bytes())
    }
}

fn words(handled: &[simulator::apple::Handled]) -> Vec<String> {
    handled.iter().map(|done| format!("{} {}", done.request_type, done.status)).collect()
}

async fn enrolled(server: &Server, script: Script) -> Device {
    let mut device = Device::new(Model::iphone(7), None);
    device.script = script;
    device.enrol(&server.profile()).await.expect("enrolled");
    device
}

#[tokio::test]
async fn a_device_enrols_by_every_way_and_signs_in_every_shape() {
    for (shape, scep_by_get, cipher) in [
        (Shape::Apple, false, (SimCipher::Aes, Form::Ber)),
        (Shape::Modern, true, (SimCipher::Aes, Form::Der)),
        (Shape::Attached, false, (SimCipher::TripleDes, Form::Der)),
        (Shape::Apple, true, (SimCipher::TripleDes, Form::Ber)),
    ] {
        let server = Server::start().await;
        let device = enrolled(&server, Script { shape, scep_by_get, cipher, ..Script::default() }).await;
        server.state(|state| {
            assert_eq!(state.check_ins, ["Authenticate device", "TokenUpdate device"]);
            assert_eq!(state.magic.as_deref(), Some(device.push_magic().as_bytes()));
            assert_eq!(state.bound.values().collect::<Vec<_>>(), [&device.model.udid]);
        });
    }
}

#[tokio::test]
async fn a_challenge_that_was_used_and_a_strangers_certificate_open_nothing() {
    let server = Server::start().await;
    let profile = server.profile();
    let mut first = Device::new(Model::iphone(1), None);
    first.enrol(&profile).await.expect("enrolled");
    let mut second = Device::new(Model::iphone(2), None);
    let refused = second.enrol(&profile).await.expect_err("the challenge is used");
    assert!(refused.to_string().contains("Failure(\"1\")"), "{refused}");
    assert!(!second.is_managed());
    // A signature that is right, by a certificate that is not ours; and one over something else.
    let body =
        Value::Dict(Dict::new().with("Status", "Idle").with("UDID", first.model.udid.as_str())).to_xml();
    let stranger = Identity::throw_away("stranger");
    for signed in [body.as_slice(), b"something else"] {
        let signature = simulator::apple::cms::mdm_signature(signed, &stranger, Shape::Apple);
        let mut request = HttpRequest {
            method: "PUT".into(),
            target: "/mdm".into(),
            headers: simulator::http::Headers::new(),
            body: body.clone(),
        };
        request.headers.add("Mdm-Signature", signature);
        assert_eq!(server.answer(&request).status, 400);
    }
}

#[tokio::test]
async fn commands_are_carried_out_put_off_and_reported_once_more() {
    let server = Server::start().await;
    let mut device = enrolled(&server, Script { locked: true, ..Script::default() }).await;
    let item = Dict::new().with("Item", "DeviceName").with("DeviceName", "New");
    server.state(|state| {
        state.queue = vec![
            Command::new("1", "SecurityInfo", Dict::new()),
            Command::device_information("2", &["UDID", "EASDeviceIdentifier", "Nonsense"]),
            Command::new("3", "DeviceLocation", Dict::new()),
            Command::settings("4", vec![item]),
            Command::new("5", "Surprise", Dict::new()),
        ];
    });
    let first = words(&device.connect().await.expect("a talk"));
    let expected = [
        "SecurityInfo NotNow",
        "DeviceInformation Acknowledged",
        "DeviceLocation Error",
        "Settings Acknowledged",
        "Surprise Error",
    ];
    assert_eq!(first, expected);
    server.state(|state| {
        let said = state.done["2"].body.get("QueryResponses").and_then(Value::dict).expect("answers");
        assert_eq!((said.text("UDID"), said.len()), (Some(device.model.udid.as_str()), 2));
        assert_eq!(state.done["5"].errors[0].code, 12_021);
    });
    device.script.locked = false;
    device.script.reports_twice = true;
    assert_eq!(words(&device.connect().await.expect("a talk")), ["SecurityInfo Acknowledged"]);
    device.script = Script { lost_answers: 1, ..Script::default() };
    let profile = Profile { identifier: "wifi".into(), uuid: "w".into(), ..Profile::default() };
    server.state(|state| {
        state.queue.push(Command::install_profile("6", profile.to_xml()));
        state.queue.push(Command::new("7", "ProfileList", Dict::new()));
    });
    assert_eq!(
        words(&device.connect().await.expect("a talk")),
        ["InstallProfile Acknowledged", "ProfileList Acknowledged"]
    );
    assert_eq!((device.model.profiles.len(), device.violations.len()), (1, 0));
    server.state(|state| assert!(state.queue.is_empty() && state.done.len() == 7));
}

#[tokio::test]
async fn a_renewal_brings_another_certificate_with_and_without_a_new_beginning() {
    for quietly in [false, true] {
        let server = Server::start().await;
        let mut device = enrolled(&server, Script { renews_quietly: quietly, ..Script::default() }).await;
        let old = device.certificate().expect("a certificate").to_vec();
        let renewal = server.profile();
        server.state(|state| state.queue.push(Command::install_profile("r", renewal)));
        assert_eq!(words(&device.connect().await.expect("a talk")), ["InstallProfile Acknowledged"]);
        assert_ne!(device.certificate(), Some(old.as_slice()));
        let begun =
            server.state(|state| state.check_ins.iter().filter(|said| said.starts_with("Auth")).count());
        assert_eq!(begun, if quietly { 1 } else { 2 });
        assert!(device.connect().await.expect("a talk").is_empty());
        server.state(|state| assert_eq!(state.bound.len(), 2));
    }
}

#[tokio::test]
async fn users_have_their_channel_and_devices_leave_in_several_ways() {
    let server = Server::start().await;
    let mut device = enrolled(&server, Script::default()).await;
    assert_eq!(device.user_token_update("U-1", "ann").await.expect("an answer").status, 200);
    assert_eq!(server.state(|state| state.check_ins.pop()).as_deref(), Some("TokenUpdate user"));
    device.leave().await.expect("left");
    assert_eq!(server.state(|state| state.check_ins.pop()).as_deref(), Some("CheckOut device"));
    device.script.leaves_silently = true;
    device.enrol(&server.profile()).await.expect("enrolled again");
    let said = server.state(|state| state.check_ins.len());
    device.leave().await.expect("left");
    assert_eq!(server.state(|state| state.check_ins.len()), said);
    device.enrol(&server.profile()).await.expect("enrolled again");
    server.state(|state| state.queue.push(Command::new("e", "EraseDevice", Dict::new())));
    assert_eq!(words(&device.connect().await.expect("a talk")), ["EraseDevice Acknowledged"]);
    assert!(!device.is_managed() && device.model.erased == 1);
    device.enrol(&server.profile()).await.expect("enrolled again");
    server.state(|state| state.unknown = true);
    assert!(device.connect().await.is_err(), "a bare 403 is no word of farewell");
    assert!(device.is_managed());
    assert_eq!(refusal::unrecognized_device()["code"], "com.apple.unrecognized.device");
}

#[tokio::test]
async fn declarations_are_fetched_when_they_changed_and_their_state_is_told() {
    let server = Server::start().await;
    let mut device = enrolled(&server, Script::default()).await;
    let passcode = |length: u8| {
        let payload = serde_json::json!({ "MinimumLength": length });
        Declaration::new("com.apple.configuration.passcode.settings", "passcode", payload)
            .expect("a declaration")
    };
    let activation = Declaration::new(
        "com.apple.activation.simple",
        "all",
        serde_json::json!({ "StandardConfigurations": ["passcode"] }),
    )
    .expect("a declaration");
    for (length, asked) in [(6, 2), (8, 1)] {
        let set = Set::new([passcode(length), activation.clone()]);
        let tokens = set.tokens(NOW).to_string().into_bytes();
        let before = server.state(|state| {
            state.declarations = set;
            state.queue.push(Command::declarative_management(&length.to_string(), tokens));
            state.check_ins.len()
        });
        assert_eq!(words(&device.connect().await.expect("a talk")), ["DeclarativeManagement Acknowledged"]);
        assert_eq!(device.violations, Vec::<String>::new());
        assert_eq!(device.declarations.active(), ["passcode"]);
        server.state(|state| {
            // The list, what changed, and the state.
            assert_eq!(state.check_ins.len() - before, 2 + asked);
            let status = state.status.take().expect("reported");
            let current = status.declarations.as_ref().expect("reported").iter().all(|told| {
                state
                    .declarations
                    .get(told.kind, &told.identifier)
                    .is_some_and(|own| own.token() == told.token && told.active)
            });
            assert!(current && status.full && status.item("passcode.is-present") == Some(&true.into()));
        });
    }
    // Nothing new: only the state is told.
    let before = server.state(|state| state.check_ins.len());
    device.synchronize(None).await.expect("in order");
    assert_eq!(server.state(|state| state.check_ins.len()) - before, 2);
}
