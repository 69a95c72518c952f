//! strace sees the database flushed between each request and its answer: users made by REST, and second phases of
//! Provision by phones.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use simulator::http::{BaseUrl, Client, Request};

use super::{Context, Proved};
use crate::bench::stage::{Address, PASSWORD, block_on, phone};
use crate::process;
use crate::product::Installation;
use crate::shell;

const NAME: &str = "prove-durability";
const TIMES: usize = 25;
const CALLS: &str = "trace=read,recvfrom,readv,write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync";

pub fn run(context: &Context<'_>) -> Result<Proved> {
    shell::apt_install(&["strace"])?;
    let times = context.rounds.unwrap_or(TIMES);
    let installation = Installation::start(context.work, context.binary()?, NAME, None)?;
    let organization = installation.organization("prove")?;
    block_on(organization.user("u1", PASSWORD))?;
    let token = installation.order(&["admin", "token", "admin.prove", "--days", "1"])?;
    let token = token.trim().trim_start_matches("token ").to_owned();
    let data = installation.data.clone();
    drop(installation);

    let trace = context.work.path("durability.strace");
    let (tls, plain) = (process::free_port()?, process::free_port()?);
    let mut command = Command::new("strace");
    command.args(["-f", "-s", "96", "-e", CALLS, "-o"]).arg(&trace).arg(context.binary()?);
    command.args(["serve", "--console-on-listen", "--trusted-proxy", "127.0.0.1/32"]);
    command.args(["--listen", &format!("127.0.0.1:{tls}"), "--plain-listen", &format!("127.0.0.1:{plain}")]);
    process::start(context.work, NAME, command.arg("--data-dir").arg(&data))?;
    process::wait_for_port(NAME, plain)?;
    let url = format!("http://127.0.0.1:{plain}");
    let done = block_on(async {
        users(&url, &token, times).await?;
        for n in 0..times {
            let address = Address { url: url.clone(), tls: None };
            let mut phone = phone(&address, &organization.address("u1"), PASSWORD, 900_000 + n as u64)?;
            let outcome = phone.provision().await?;
            ensure!(outcome.is_current(), "provisioning: {outcome:?}");
        }
        Ok(())
    });
    process::stop(context.work, NAME)?;
    done?;
    let trace = fs::read_to_string(&trace).context("reading what strace wrote")?;
    let rest = flushed_before_answers(&trace, "POST /api/v1/users", "HTTP/1.1 201", 1)?;
    let phases = flushed_before_answers(&trace, "Cmd=Provision", "HTTP/1.1 200", 2)?;
    ensure!(rest == times && phases == times, "{rest} users and {phases} acknowledgements seen of {times}");
    Ok(Proved {
        count: format!("{rest} REST answers, {phases} policy acknowledgements"),
        seen: "written, then flushed, then answered, each time".to_owned(),
    })
}

async fn users(url: &str, token: &str, times: usize) -> Result<()> {
    let mut client = Client::new(BaseUrl::parse(url)?, None);
    for n in 0..times {
        let body = json!({ "username": format!("w{n}"), "email": format!("w{n}@prove.test") });
        let mut request = Request::new("POST", "/api/v1/users", body.to_string().into_bytes());
        request
            .headers
            .add("Authorization", format!("Bearer {token}"))
            .add("Content-Type", "application/json");
        request.timeout = Duration::from_secs(30);
        let answer = client.send(&request).await?;
        ensure!(answer.status == 201, "HTTP {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    }
    Ok(())
}

/// How many answers to every `nth` of these requests had a write to the database and then a completed flush between
/// the request and the answer. Requests come one after the other.
fn flushed_before_answers(trace: &str, request: &str, answer: &str, nth: usize) -> Result<usize> {
    let (mut requests, mut good) = (0, 0);
    // Nothing asked; asked; written; flushed.
    let mut stage = 0;
    for line in trace.lines() {
        let is = |names: &[&str]| {
            names.iter().any(|n| line.contains(&format!(" {n}(")) || line.contains(&format!("<... {n} ")))
        };
        if is(&["read", "recvfrom", "readv"]) && line.contains(request) {
            requests += 1;
            stage = usize::from(requests % nth == 0);
        } else if stage > 0 && is(&["pwrite64"]) {
            stage = 2;
        } else if stage == 2 && is(&["fsync", "fdatasync"]) && line.ends_with("= 0") {
            stage = 3;
        } else if stage > 0 && is(&["write", "writev", "sendto", "sendmsg"]) && line.contains(answer) {
            ensure!(stage == 3, "an answer left before its flush (stage {stage}): {line}");
            good += 1;
            stage = 0;
        }
    }
    Ok(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "7 recvfrom(9, \"POST /x HTTP/1.1\\r\\n\"..., 4096, 0, NULL, NULL) = 200\n\
        8 pwrite64(5, \"abc\", 3, 0) = 3\n8 fdatasync(5 <unfinished ...>\n7 read(3, \"\", 1) = 0\n\
        8 <... fdatasync resumed>) = 0\n7 sendto(9, \"HTTP/1.1 201 Created\", 20, 0, NULL, 0) = 20\n";

    #[test]
    fn an_answer_after_its_flush_counts() {
        assert_eq!(flushed_before_answers(GOOD, "POST /x", "HTTP/1.1 201", 1).unwrap(), 1);
        assert_eq!(flushed_before_answers(GOOD, "POST /x", "HTTP/1.1 201", 2).unwrap(), 0);
    }

    #[test]
    fn an_answer_before_its_flush_is_found() {
        let lines: Vec<&str> = GOOD.lines().collect();
        let early = [lines[0], lines[1], lines[2], lines[5], lines[4]].join("\n");
        assert!(flushed_before_answers(&early, "POST /x", "HTTP/1.1 201", 1).is_err());
    }
}
