//! nginx and haproxy as plain reverse proxies before the same upstream server, with the same certificate.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::gauge::Side;
use super::upstream::Upstream;
use crate::process;
use crate::shell;
use crate::work::Work;

/// A running proxy; it is stopped when this is dropped.
pub struct Proxy {
    work: Work,
    name: &'static str,
    /// Its processes.
    pub side: Side,
    /// Plain port.
    pub plain: u16,
    /// TLS port.
    pub tls: u16,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Err(error) = process::stop(&self.work, self.name) {
            eprintln!("stopping {}: {error:#}", self.name);
        }
    }
}

/// A P-256 certificate for loopback that every side uses: chain and key files.
pub fn certificate(work: &Work) -> Result<(PathBuf, PathBuf)> {
    let folder = work.folder("bench-tls")?;
    let (chain, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    if !key.exists() {
        let (chain, key) = (chain.display().to_string(), key.display().to_string());
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "90"];
        let names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
        let ends = ["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", &key, "-out", &chain];
        shell::run("openssl", &[&["req", "-x509"][..], &curve, &names, &ends].concat())?;
    }
    Ok((chain, key))
}

/// nginx with one worker, kept-alive upstream connections, buffers as the gateway needs them.
pub fn nginx(work: &Work, upstream: &Upstream) -> Result<Proxy> {
    let (chain, key) = certificate(work)?;
    let folder = work.folder("bench-nginx")?;
    let (plain, tls) = (process::free_port()?, process::free_port()?);
    let (folder, up) = (folder.display(), upstream.address);
    let configuration = format!(
        "worker_processes 1;\nworker_rlimit_nofile 20000;\npid {folder}/pid;\nerror_log {folder}/error.log;\n\
         events {{ worker_connections 19000; }}\nhttp {{\naccess_log off;\n\
         client_body_temp_path {folder}/body;\nproxy_temp_path {folder}/proxy;\nfastcgi_temp_path {folder}/f;\n\
         uwsgi_temp_path {folder}/u;\nscgi_temp_path {folder}/s;\nkeepalive_requests 100000000;\n\
         upstream mail {{ server {up}; keepalive 64; keepalive_requests 100000000; }}\n\
         server {{ listen 127.0.0.1:{plain} backlog=4096; listen 127.0.0.1:{tls} ssl backlog=4096;\n\
         ssl_certificate {};\nssl_certificate_key {};\nssl_protocols TLSv1.2 TLSv1.3;\n\
         location / {{ proxy_pass http://mail; proxy_http_version 1.1; proxy_set_header Connection \"\";\n\
         proxy_read_timeout 3600; client_max_body_size 64m; }} }}\n}}\n",
        chain.display(),
        key.display()
    );
    let file = work.write("bench-nginx/nginx.conf", &configuration)?;
    let mut command = Command::new("/usr/sbin/nginx");
    start(work, "bench-nginx", command.arg("-c").arg(file).args(["-g", "daemon off;"]), plain, tls)
}

/// haproxy with one thread.
pub fn haproxy(work: &Work, upstream: &Upstream) -> Result<Proxy> {
    let (chain, key) = certificate(work)?;
    let both = [std::fs::read_to_string(chain)?, std::fs::read_to_string(key)?].concat();
    let pem = work.write("bench-haproxy/both.pem", &both)?;
    let (plain, tls) = (process::free_port()?, process::free_port()?);
    let configuration = format!(
        "global\n  nbthread 1\n  maxconn 9000\n\
         defaults\n  mode http\n  timeout connect 5s\n  timeout client 3600s\n  timeout server 3600s\n  maxconn 9000\n\
         frontend f\n  bind 127.0.0.1:{plain}\n  bind 127.0.0.1:{tls} ssl crt {}\n  default_backend b\n\
         backend b\n  http-reuse safe\n  server s {}\n",
        pem.display(),
        upstream.address
    );
    let file = work.write("bench-haproxy/haproxy.cfg", &configuration)?;
    let mut command = Command::new("/usr/sbin/haproxy");
    start(work, "bench-haproxy", command.arg("-db").arg("-f").arg(file), plain, tls)
}

fn start(work: &Work, name: &'static str, command: &mut Command, plain: u16, tls: u16) -> Result<Proxy> {
    process::stop(work, name)?;
    process::start(work, name, command)?;
    // Stopped as well if one of its ports never answers.
    let mut proxy = Proxy { work: work.clone(), name, side: Side::of(0), plain, tls };
    process::wait_for_port(name, plain)?;
    process::wait_for_port(name, tls)?;
    let pid = process::running(work, name).unwrap_or_default();
    proxy.side = Side::of(pid);
    Ok(proxy)
}
