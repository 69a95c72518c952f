//! A server as form values, and back.

use domain::model::{ActiveSyncServer, BlockForm, LoginForm, ServerTrust, WipeAckStatus};
use door::FormData;
use engine::servers::{ServerInput, VERSIONS};

use super::super::frame::Entered;
use crate::parts::FieldView;

pub fn stored(server: &ActiveSyncServer) -> FormData {
    let login = match server.login_form {
        LoginForm::AsSent => "as_sent",
        LoginForm::User => "user",
        LoginForm::UserAtDomain => "user_at_domain",
        LoginForm::DomainUser => "domain_user",
    };
    let (trust, roots) = match &server.trust {
        ServerTrust::Public => ("public", ""),
        ServerTrust::Roots(pem) => ("roots", pem.as_str()),
        ServerTrust::Plain => ("plain", ""),
    };
    let acknowledge = match server.acknowledge {
        WipeAckStatus::Full => "full",
        WipeAckStatus::Partial => "partial",
        WipeAckStatus::External => "external",
    };
    let on = |name: &str, on: bool| (name.to_owned(), if on { "on" } else { "" }.to_owned());
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let pairs = vec![
        text("name", &server.name),
        text("url", &server.url),
        text("trust", trust),
        text("roots", roots),
        text("login_form", login),
        text("login_domain", &server.login_domain),
        text("mail_domains", &server.mail_domains.join("\n")),
        on("use_autodiscover", server.use_autodiscover),
        text("autodiscover_url", &server.autodiscover_url),
        text("redirect_hosts", &server.redirect_hosts.join("\n")),
        on("hands_off", server.hands_off),
        on("quarantine", server.quarantine),
        text("lowest", &server.versions.0),
        text("highest", &server.versions.1),
        text("block_form", if server.block_form == BlockForm::Http403 { "http403" } else { "status129" }),
        text("acknowledge", acknowledge),
        on("bearer", server.bearer),
        text("max_body", &(server.max_body >> 20).to_string()),
        on("enabled", server.enabled),
    ];
    FormData::new(pairs.into_iter().filter(|(_, v)| !v.is_empty()).collect())
}

pub fn input(data: &FormData) -> ServerInput {
    let text = |name: &str| data.text(name).to_owned();
    ServerInput {
        name: text("name"),
        url: text("url"),
        trust: match data.text("trust") {
            "roots" => ServerTrust::Roots(text("roots")),
            "plain" => ServerTrust::Plain,
            _ => ServerTrust::Public,
        },
        login_form: match data.text("login_form") {
            "user" => LoginForm::User,
            "user_at_domain" => LoginForm::UserAtDomain,
            "domain_user" => LoginForm::DomainUser,
            _ => LoginForm::AsSent,
        },
        login_domain: text("login_domain"),
        mail_domains: data.lines("mail_domains"),
        use_autodiscover: data.ticked("use_autodiscover"),
        autodiscover_url: text("autodiscover_url"),
        redirect_hosts: data.lines("redirect_hosts"),
        hands_off: data.ticked("hands_off"),
        quarantine: data.ticked("quarantine"),
        versions: (text("lowest"), text("highest")),
        block_form: if data.text("block_form") == "status129" {
            BlockForm::Status129
        } else {
            BlockForm::Http403
        },
        acknowledge: match data.text("acknowledge") {
            "partial" => WipeAckStatus::Partial,
            "external" => WipeAckStatus::External,
            _ => WipeAckStatus::Full,
        },
        bearer: data.ticked("bearer"),
        max_body: data.text("max_body").parse::<u64>().unwrap_or(0).saturating_mul(1 << 20),
        enabled: data.ticked("enabled"),
    }
}

pub fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(v, l)| ((*v).to_owned(), (*l).to_owned())).collect()
}

fn triples(of: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    of.iter().map(|(v, l, h)| ((*v).to_owned(), (*l).to_owned(), (*h).to_owned())).collect()
}

/// The fields by card: where it is, who comes in, how phones are answered.
pub fn groups(entered: &Entered<'_>) -> Vec<(&'static str, Vec<FieldView>)> {
    let versions: Vec<_> = VERSIONS.iter().map(|v| ((*v).to_owned(), (*v).to_owned())).collect();
    let place = vec![
        entered.text("name", "Name"),
        entered
            .text("url", "Address")
            .help("As in a browser, such as https://mail.example.com; the path is added by us."),
        entered.radio(
            "trust",
            "Certificate",
            &triples(&[
                ("public", "Public authorities", "The server has a certificate that every browser accepts."),
                (
                    "roots",
                    "Only these roots",
                    "For a certificate authority of your own; paste its root below.",
                ),
                ("plain", "No TLS", "Only for a mail server on this same host."),
            ]),
        ),
        entered
            .area("roots", "Root certificates")
            .help("PEM, beginning with -----BEGIN CERTIFICATE-----.")
            .optional(),
        entered
            .switch("enabled", "In use")
            .help("When off, phones of its users are told to come back later."),
    ];
    let people = vec![
        entered.select(
            "login_form",
            "User name towards the server",
            &pairs(&[
                ("as_sent", "As the phone sent it"),
                ("user", "user"),
                ("user_at_domain", "user@domain"),
                ("domain_user", "DOMAIN\\user"),
            ]),
        ),
        entered.text("login_domain", "Domain of that name").optional(),
        entered
            .switch("hands_off", "Hands-off enrolment")
            .help("Whoever this server accepts gets an account here by signing in."),
        entered
            .area("mail_domains", "Mail domains for hands-off enrolment")
            .help("One a line. Users with addresses of these domains belong to this server.")
            .optional(),
        entered
            .switch("quarantine", "New devices wait in quarantine")
            .help("Until somebody releases them. When off, they come in at once."),
        entered
            .switch("use_autodiscover", "Learn each user’s own server by Autodiscover")
            .help("For installations with several front ends."),
        entered
            .text("autodiscover_url", "Address of Autodiscover")
            .help("Left empty, it is derived from the server’s.")
            .optional(),
        entered
            .area("redirect_hosts", "Hosts that a redirect may lead to")
            .help("One a line; *.example.com is allowed. Everything else is refused.")
            .optional(),
    ];
    let answers = vec![
        entered.select("lowest", "Lowest version offered", &versions),
        entered.select("highest", "Highest version offered", &versions),
        entered.radio(
            "block_form",
            "How a stopped phone is refused",
            &triples(&[
                ("http403", "HTTP 403", "Every phone understands it and stops politely."),
                ("status129", "Status 129", "As Exchange does it; some phones show a better text."),
            ]),
        ),
        entered.radio(
            "acknowledge",
            "What the mail server is told of its own policy",
            &triples(&[
                ("full", "Applied in full", "The mail server is content; our policy is what counts."),
                ("partial", "Applied in part", "Honest, where the mail server allows it."),
                ("external", "Managed by a third party", "Where the mail server knows that answer."),
            ]),
        ),
        entered
            .switch("bearer", "Pass modern sign-in through")
            .help("Bearer challenges and tokens go both ways untouched."),
        entered
            .number("max_body", "Largest request", (1, 1024), "MiB")
            .help("Attachments being sent are the largest."),
    ];
    vec![("The server", place), ("Users and new devices", people), ("What phones see", answers)]
}
