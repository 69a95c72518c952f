//! Answers before they become HTTP: a [`Said`] is small and complete, so that it can answer a request that is being
//! handled as well as one that waits in the lot.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use transport::{Body, Park, WakeAnswer};
use wire_eas::refusal::Form;
use wire_eas::sniff::{Sniff, sniff};

/// Content type of every WBXML body.
pub(crate) const WBXML: HeaderValue = HeaderValue::from_static("application/vnd.ms-sync.wbxml");

/// Who gave an answer, in the words of the help desk's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The device ended the exchange itself.
    Device,
    /// We did, in front of a mail server or a stand-in.
    Gateway,
    /// Our stand-in.
    StandIn,
    /// The mail server.
    MailServer,
}

impl Who {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Who::Device => "device",
            Who::Gateway => "gateway",
            Who::StandIn => "stand-in",
            Who::MailServer => "mail server",
        }
    }
}

/// What the help desk sees beside an answer.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    /// Who answered.
    pub(crate) who: Who,
    /// Why it was refused; empty for an ordinary answer.
    pub(crate) why: Cow<'static, str>,
    /// Status in the root element.
    pub(crate) status: Option<u16>,
}

impl Note {
    pub(crate) fn by(who: Who) -> Note {
        Note { who, why: Cow::Borrowed(""), status: None }
    }
}

/// A whole answer of ours.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) http: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
    pub(crate) note: Note,
}

impl Said {
    /// A status without a body.
    pub(crate) fn bare(http: u16) -> Said {
        Said {
            http: StatusCode::from_u16(http).unwrap_or(StatusCode::SERVICE_UNAVAILABLE),
            headers: Vec::new(),
            body: Bytes::new(),
            note: Note::by(Who::Gateway),
        }
    }
    /// 200 with a WBXML document.
    pub(crate) fn wbxml(body: Vec<u8>) -> Said {
        Said::form(Form::ok(body))
    }
    /// An answer of the codec.
    pub(crate) fn form(form: Form) -> Said {
        let mut said = Said::bare(form.http_status);
        if let Sniff::Root { status, .. } = sniff(&form.body, true) {
            said.note.status = status;
        }
        said.body = form.body.into();
        said
    }
    /// 503 with a rest of so many seconds.
    pub(crate) fn later(seconds: u32) -> Said {
        Said::bare(503).header(header::RETRY_AFTER, seconds.into())
    }
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Said {
        self.headers.push((name, value));
        self
    }
    pub(crate) fn by(mut self, who: Who) -> Said {
        self.note.who = who;
        self
    }
    pub(crate) fn because(mut self, why: impl Into<Cow<'static, str>>) -> Said {
        self.note.why = why.into();
        self
    }

    /// Headers of every answer of ours, then its own.
    fn all_headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> + '_ {
        let private = (header::CACHE_CONTROL, HeaderValue::from_static("private"));
        let has_type = self.headers.iter().any(|(name, _)| name == header::CONTENT_TYPE);
        let kind = (!self.body.is_empty() && !has_type).then_some((header::CONTENT_TYPE, WBXML));
        std::iter::once(private).chain(kind).chain(self.headers.iter().cloned())
    }
    /// For a request that is being handled.
    pub(crate) fn response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.http;
        for (name, value) in self.all_headers() {
            response.headers_mut().append(name, value);
        }
        *response.body_mut() = Body::full(self.body);
        response
    }
    /// For a request that waits.
    pub(crate) fn wake(self) -> WakeAnswer {
        let mut answer = WakeAnswer::new(self.http);
        for (name, value) in self.all_headers() {
            answer = answer.header(name, value);
        }
        answer.body(self.body)
    }
}

/// What becomes of a request.
pub(crate) enum Reaction {
    /// Our answer.
    Said(Said),
    /// The mail server's, passed on.
    Passed(Response<Body>, Note),
    /// It waits; the registry keeps what the log needs.
    Park(Park),
}

impl From<Said> for Reaction {
    fn from(said: Said) -> Reaction {
        Reaction::Said(said)
    }
}
