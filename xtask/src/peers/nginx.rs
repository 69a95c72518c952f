//! nginx: TLS fronts for clients that insist on HTTPS and on the usual path.

use std::process::Command;

use anyhow::Result;

use super::{Peer, horde, sogo};
use crate::process;
use crate::shell::run;
use crate::work::Work;

/// TLS front of SOGo, name `localhost`.
pub const SOGO_TLS: u16 = 10443;
/// TLS front of Horde, name `localhost`.
pub const HORDE_TLS: u16 = 10444;

pub static PEER: Peer = Peer {
    name: "nginx",
    purpose: "TLS fronts of SOGo and Horde",
    packages: &["nginx", "openssl"],
    needs: &[],
    port: Some(SOGO_TLS),
    start,
    stop,
};

fn start(work: &Work) -> Result<()> {
    work.folder("nginx")?;
    let (key, cert) = (work.text("nginx/key.pem"), certificate(work));
    run(
        "openssl",
        &[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout",
            &key,
            "-out",
            &cert,
        ],
    )?;
    let front = |port: u16, path: &str, upstream: u16, prefix: &str| {
        format!(
            "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {cert}; ssl_certificate_key {key};\n\
             location {path} {{ proxy_pass http://127.0.0.1:{upstream}{prefix}; proxy_http_version 1.1; \
             proxy_set_header Connection \"\"; proxy_set_header Host $host; proxy_read_timeout 3600; \
             proxy_buffering off; proxy_request_buffering off; client_max_body_size 64m; }} }}\n"
        )
    };
    let eas = "/Microsoft-Server-ActiveSync";
    let configuration = format!(
        "user www-data;\nworker_processes 1;\npid {pid};\nerror_log {log};\nevents {{ worker_connections 1024; }}\n\
         http {{\naccess_log off;\nclient_body_temp_path {temp}/body;\nproxy_temp_path {temp}/proxy;\n\
         fastcgi_temp_path {temp}/fastcgi;\nuwsgi_temp_path {temp}/uwsgi;\nscgi_temp_path {temp}/scgi;\n{sogo}{horde}}}\n",
        pid = work.text("nginx/nginx.pid"),
        log = work.text("nginx/error.log"),
        temp = work.text("nginx"),
        sogo = front(SOGO_TLS, &format!("= {eas}"), sogo::PORT, &format!("{}{eas}", sogo::PATH)),
        horde = front(HORDE_TLS, "/", horde::PORT, ""),
    );
    let configuration = work.write("nginx/nginx.conf", &configuration)?;
    let mut command = Command::new("/usr/sbin/nginx");
    process::start(work, PEER.name, command.arg("-c").arg(configuration).args(["-g", "daemon off;"]))
}

fn stop(work: &Work) -> Result<()> {
    process::stop(work, PEER.name)
}

/// The certificate of both fronts, which is its own root.
pub fn certificate(work: &Work) -> String {
    work.text("nginx/cert.pem")
}
