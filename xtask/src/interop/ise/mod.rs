//! Cisco ISE by clients that share no code with us: curl with the schemas of the API, Perl as PacketFence uses it,
//! and Java, which ISE is built on.

mod addresses;
mod by_hand;
mod outcomes;
mod programs;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{Context, Scenario};
use crate::product::Product;
use crate::shell::{apt_install, project};

pub static SCENARIO: Scenario = Scenario {
    name: "ise",
    shows: "curl, Perl and Java see every outcome and every address of the ISE API, each answer valid",
    peers: &[],
    run,
};

fn run(context: &Context<'_>) -> Result<()> {
    apt_install(&[
        "curl",
        "libxml2-utils",
        "libwww-perl",
        "libxml-simple-perl",
        "liblwp-protocol-https-perl",
    ])?;
    if !crate::shell::has("javac") {
        apt_install(&["default-jdk-headless"])?;
    }
    let site = Site::open(context)?;
    outcomes::run(context, &site)?;
    addresses::run(context, &site)?;
    programs::run(context, &site)?;
    by_hand::run(context, &site)
}

/// The product as these clients see it.
struct Site<'p> {
    product: &'p Product,
    /// The exported root, in a file.
    root: PathBuf,
    /// Where answers are kept for the schemas.
    answer: PathBuf,
    slug: &'p str,
    /// Name and password of the ISE Admin account, and of an account without the mark.
    marked: (&'p str, &'p str),
    unmarked: (&'p str, &'p str),
    devices: &'p [Value],
}

/// What curl saw.
struct Seen {
    status: u16,
    challenge: String,
    body: String,
}

impl<'p> Site<'p> {
    fn open(context: &'p Context<'_>) -> Result<Site<'p>> {
        let product = context.product()?;
        let root = context.work.path("ise-root.pem");
        std::fs::write(&root, &product.root_pem)?;
        let organization = product.organization();
        let account = |mark: bool| -> Result<(&str, &str)> {
            let admins = organization["admins"].as_array().context("no administrators")?;
            let admin = admins.iter().find(|a| a["ise_admin"] == mark).context("no such administrator")?;
            Ok((text(admin, "username")?, text(admin, "password")?))
        };
        Ok(Site {
            product,
            root,
            answer: context.work.path("ise-answer.xml"),
            slug: text(organization, "slug")?,
            marked: account(true)?,
            unmarked: account(false)?,
            devices: organization["devices"].as_array().context("no devices")?,
        })
    }

    /// A request by curl that trusts only the exported root.
    fn curl(&self, method: &str, target: &str, account: Option<(&str, &str)>, body: &str) -> Result<Seen> {
        let mut command = Command::new("curl");
        command
            .args([
                "--silent",
                "--show-error",
                "--max-time",
                "20",
                "--tlsv1.2",
                "--tls-max",
                "1.2",
                "--path-as-is",
            ])
            .args(["--globoff", "--request", method, "--cacert"])
            .arg(&self.root)
            .args(["--write-out", "%{http_code} %header{www-authenticate}", "--output"])
            .arg(&self.answer);
        if let Some((user, password)) = account {
            command.args(["--user", &format!("{user}:{password}")]);
        }
        if !body.is_empty() {
            command.args(["--header", "Content-Type: application/xml", "--data-binary", body]);
        }
        command.arg(format!("{}{target}", self.product.base_url));
        let said = crate::shell::finish(&mut command)?;
        let (status, challenge) = said.split_once(' ').context("curl wrote no status")?;
        let body = std::fs::read_to_string(&self.answer)?;
        Ok(Seen { status: status.parse()?, challenge: challenge.to_owned(), body })
    }

    /// A call of REST, whose answer is JSON (or nothing).
    fn rest(&self, token: &str, method: &str, path: &str, body: &Value) -> Result<Value> {
        let mut command = Command::new("curl");
        command
            .args(["--silent", "--show-error", "--max-time", "60", "--request", method, "--cacert"])
            .arg(&self.root)
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .args(["--header", "Content-Type: application/json", "--write-out", "\n%{http_code}"]);
        if !body.is_null() {
            command.args(["--data-binary", &body.to_string()]);
        }
        let said = crate::shell::finish(command.arg(format!("{}{path}", self.product.base_url)))?;
        let (answer, status) = said.rsplit_once('\n').context("curl wrote no status")?;
        ensure!(status.starts_with('2'), "{method} {path}: {status} {answer}");
        Ok(serde_json::from_str(answer).unwrap_or(Value::Null))
    }

    /// Checks the last answer against the schema that its name asks for.
    fn validate(&self, seen: &Seen) -> Result<()> {
        let schema = [
            ("<name>mdminfo</name>", "mdminfo"),
            ("<name>attributes</name>", "devices-response"),
            ("<name>action</name>", "action-response"),
            ("<name>sendmessage</name>", "sendmessage-response"),
        ];
        let (_, schema) =
            schema.iter().find(|(name, _)| seen.body.contains(name)).with_context(|| seen.body.clone())?;
        let file = wire_testdata().join("xsd").join(format!("{schema}.xsd"));
        let mut command = Command::new("xmllint");
        crate::shell::finish(command.args(["--noout", "--schema"]).arg(file).arg(&self.answer))?;
        Ok(())
    }

    /// A device with a MAC.
    fn known(&self) -> Result<&'p Value> {
        self.devices.iter().find(|d| d["macs"][0].is_string()).context("no device with a MAC")
    }
}

/// The exit code of curl where no answer is expected.
fn curl_fails(url: &str, root: Option<&Path>) -> Result<i32> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--max-time", "20", "--output", "/dev/null"]);
    if let Some(root) = root {
        command.arg("--cacert").arg(root);
    }
    command.arg(url).status()?.code().context("curl was killed")
}

/// Samples and schemas, shared with the codec's own tests.
fn wire_testdata() -> PathBuf {
    project().join("crates/wire/ise/testdata")
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().with_context(|| format!("demo.json: no {name:?}"))
}

fn mac(device: &Value) -> Result<&str> {
    let mac = device["macs"][0].as_str().context("a MAC")?;
    ensure!(mac.len() == 12, "{mac} has not 12 digits");
    Ok(mac)
}
