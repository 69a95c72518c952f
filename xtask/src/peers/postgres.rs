//! PostgreSQL: a private cluster for SOGo, with its users.

use anyhow::Result;

use super::Peer;
use crate::process;
use crate::shell::{run, run_as};
use crate::work::Work;

/// Loopback port.
pub const PORT: u16 = 15432;

pub static PEER: Peer = Peer {
    name: "postgres",
    purpose: "database of SOGo",
    packages: &["postgresql"],
    needs: &[],
    port: Some(PORT),
    start,
    stop,
};

fn start(work: &Work) -> Result<()> {
    let folder = work.fresh_folder_of("pg", "postgres")?;
    let (folder, bin) = (folder.display(), binaries()?);
    run_as("postgres", &format!("{bin}/initdb -D {folder}/data -A trust -U postgres"))?;
    run_as(
        "postgres",
        &format!(
            "{bin}/pg_ctl -w -D {folder}/data -l {folder}/log \
             -o '-p {PORT} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off' start"
        ),
    )?;
    let note = std::fs::read_to_string(work.path("pg/data/postmaster.pid"))?;
    process::remember(work, PEER.name, note.lines().next().unwrap_or_default().trim().parse()?)?;
    let sql = |user: &str, database: &str, statement: &str| {
        let port = PORT.to_string();
        run("psql", &["-h", "127.0.0.1", "-p", &port, "-U", user, "-d", database, "-c", statement])
    };
    sql("postgres", "postgres", "create role sogo login password 'sogo'")?;
    sql("postgres", "postgres", "create database sogo owner sogo")?;
    sql(
        "sogo",
        "sogo",
        "create table sogo_users (c_uid varchar primary key, c_name varchar, c_password varchar, \
         c_cn varchar, mail varchar)",
    )?;
    sql(
        "sogo",
        "sogo",
        "insert into sogo_users select 'u'||i, 'u'||i, 'pw'||i, 'User '||i, 'u'||i||'@example.test' \
         from generate_series(1, 20) i",
    )?;
    Ok(())
}

fn stop(work: &Work) -> Result<()> {
    if process::running(work, PEER.name).is_some() {
        let data = work.text("pg/data");
        run_as("postgres", &format!("{}/pg_ctl -m fast -w -D {data} stop", binaries()?))?;
    }
    process::stop(work, PEER.name)
}

/// The folder with the newest server's programs.
fn binaries() -> Result<String> {
    let mut versions: Vec<u32> = std::fs::read_dir("/usr/lib/postgresql")?
        .filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable();
    let newest = versions.last().ok_or_else(|| anyhow::anyhow!("no PostgreSQL in /usr/lib/postgresql"))?;
    Ok(format!("/usr/lib/postgresql/{newest}/bin"))
}

/// An empty database in the cluster, and the address that leads to it.
pub fn fresh_database(name: &str) -> Result<String> {
    let port = PORT.to_string();
    for statement in
        [format!("drop database if exists {name} with (force)"), format!("create database {name}")]
    {
        run(
            "psql",
            &["-q", "-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-d", "postgres", "-c", &statement],
        )?;
    }
    Ok(format!("postgres://postgres@127.0.0.1:{PORT}/{name}"))
}
