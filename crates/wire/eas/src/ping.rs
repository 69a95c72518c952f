//! Ping: waiting for changes in folders (MS-ASCMD, Ping).
//!
//! Requests and answers of both sides. What the server remembers between requests, and the waiting itself, is
//! elsewhere.

use crate::body::{self, Error};
use crate::codepages::token::ping as t;
use crate::status::ping as status;
use crate::wbxml::Writer;

/// Most folders read from a request; more get [`Answer::TooManyFolders`] long before.
const MAX_FOLDERS: usize = 4096;
const MAX_TEXT: usize = 1024;

/// A request that is not empty. What it leaves out, the server takes from the device's last one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// How long to wait, in seconds.
    pub heartbeat: Option<u32>,
    /// The folders to watch.
    pub folders: Option<Vec<Folder>>,
}

/// A watched folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its id.
    pub id: String,
    /// `Email`, `Calendar`, `Contacts`, `Tasks` or `Notes`.
    pub class: String,
}

impl Request {
    /// Reads a body; an empty one is `None` and repeats the device's last request.
    pub fn parse(bytes: &[u8]) -> Result<Option<Request>, Error> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let root = body::parse(bytes, t::PING)?;
        let folders = match root.child(t::FOLDERS) {
            None => None,
            Some(folders) => {
                let folders = folders.all(t::FOLDER).map(|folder| {
                    Ok(Folder {
                        id: body::required(folder, t::ID, MAX_TEXT)?,
                        class: body::string(folder, t::CLASS, MAX_TEXT)?.unwrap_or_default(),
                    })
                });
                Some(body::bounded(folders.collect::<Result<_, Error>>()?, MAX_FOLDERS, t::FOLDER)?)
            }
        };
        Ok(Some(Request { heartbeat: body::number(&root, t::HEARTBEAT_INTERVAL)?, folders }))
    }

    /// Writes the body.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(t::PING, |w| {
            if let Some(seconds) = self.heartbeat {
                w.number(t::HEARTBEAT_INTERVAL, seconds);
            }
            if let Some(folders) = &self.folders {
                w.nest(t::FOLDERS, |w| {
                    for folder in folders {
                        w.nest(t::FOLDER, |w| {
                            w.leaf(t::ID, &folder.id);
                            w.leaf(t::CLASS, &folder.class);
                        });
                    }
                });
            }
        });
        writer.finish()
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The time is over and nothing changed (1).
    Expired,
    /// These folders changed (2).
    Changes(Vec<String>),
    /// The request leaves something out that the server does not remember (3).
    MissingParameters,
    /// The request makes no sense (4).
    SyntaxError,
    /// The interval is out of range; the nearest allowed one, in seconds (5).
    Heartbeat(u32),
    /// Too many folders; so many are allowed (6).
    TooManyFolders(u32),
    /// The device must synchronize its folders first (7).
    FolderSyncRequired,
    /// Server error (8).
    ServerError,
    /// A common status: a refusal.
    Refused(u16),
}

impl Answer {
    /// The number in the Status element.
    pub fn status(&self) -> u16 {
        match self {
            Answer::Expired => status::HEARTBEAT_EXPIRED,
            Answer::Changes(_) => status::CHANGES,
            Answer::MissingParameters => status::MISSING_PARAMETERS,
            Answer::SyntaxError => status::SYNTAX_ERROR,
            Answer::Heartbeat(_) => status::INVALID_HEARTBEAT,
            Answer::TooManyFolders(_) => status::TOO_MANY_FOLDERS,
            Answer::FolderSyncRequired => status::FOLDER_SYNC_REQUIRED,
            Answer::ServerError => status::SERVER_ERROR,
            Answer::Refused(status) => *status,
        }
    }

    /// Writes the body.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(64);
        writer.nest(t::PING, |w| {
            w.number(t::STATUS, self.status());
            match self {
                Answer::Changes(folders) => {
                    w.nest(t::FOLDERS, |w| folders.iter().for_each(|id| w.leaf(t::FOLDER, id)));
                }
                Answer::Heartbeat(seconds) => w.number(t::HEARTBEAT_INTERVAL, *seconds),
                Answer::TooManyFolders(most) => w.number(t::MAX_FOLDERS, *most),
                _ => {}
            }
        });
        writer.finish()
    }

    /// Reads a server's answer.
    pub fn parse(bytes: &[u8]) -> Result<Answer, Error> {
        let root = body::parse(bytes, t::PING)?;
        let number = match body::number(&root, t::STATUS)? {
            Some(number) => number,
            // quirk: Horde's refusals carry AirSync:Status.
            None => body::required_number(&root, crate::codepages::token::air_sync::STATUS)?,
        };
        Ok(match number {
            status::HEARTBEAT_EXPIRED => Answer::Expired,
            status::CHANGES => {
                let folders = root.child(t::FOLDERS).ok_or(Error::Missing(t::FOLDERS))?;
                let ids = folders.all(t::FOLDER).map(|folder| folder.text().ok_or(Error::Invalid(t::FOLDER)));
                let ids = ids.map(|id| id.map(str::to_owned)).collect::<Result<_, _>>()?;
                Answer::Changes(body::bounded(ids, MAX_FOLDERS, t::FOLDER)?)
            }
            status::MISSING_PARAMETERS => Answer::MissingParameters,
            status::SYNTAX_ERROR => Answer::SyntaxError,
            status::INVALID_HEARTBEAT => {
                Answer::Heartbeat(body::required_number(&root, t::HEARTBEAT_INTERVAL)?)
            }
            status::TOO_MANY_FOLDERS => Answer::TooManyFolders(body::required_number(&root, t::MAX_FOLDERS)?),
            status::FOLDER_SYNC_REQUIRED => Answer::FolderSyncRequired,
            status::SERVER_ERROR => Answer::ServerError,
            other => Answer::Refused(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_the_bytes_of_samples_and_captures() {
        let samples: [(Answer, &[u8]); 5] = [
            (Answer::Heartbeat(60), include_bytes!("../testdata/synthetic/ping-status-5.bin")),
            (Answer::TooManyFolders(200), include_bytes!("../testdata/synthetic/ping-status-6.bin")),
            (Answer::Expired, include_bytes!("../testdata/captured/sogo/12-Ping-resp.bin")),
            (
                Answer::Changes(vec!["6ac07e2e".to_owned()]),
                include_bytes!("../testdata/captured/zpush-items/11-Ping-resp.bin"),
            ),
            (
                Answer::FolderSyncRequired,
                include_bytes!("../testdata/captured/pyactivesync-zpush/20-Ping-resp.bin"),
            ),
        ];
        for (answer, bytes) in samples {
            assert_eq!(answer.encode(), bytes);
            assert_eq!(Answer::parse(bytes), Ok(answer));
        }
    }

    #[test]
    fn requests_are_read_and_written_back_byte_for_byte() {
        let body = include_bytes!("../testdata/captured/zpush-items/11-Ping-req.bin");
        let request = Request::parse(body).unwrap().unwrap();
        assert_eq!(request.heartbeat, Some(120));
        assert_eq!(request.folders.as_ref().unwrap()[0].id, "6ac07e2e");
        assert_eq!(request.encode(), body);
        assert_eq!(Request::parse(b""), Ok(None));
        let nothing = Request::default();
        assert_eq!(Request::parse(&nothing.encode()), Ok(Some(nothing)));
    }
}
