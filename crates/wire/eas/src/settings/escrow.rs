//! The recovery password of a Settings that goes on to another server: taken out of the request, answered in the
//! answer.

use crate::body::{self, Error};
use crate::codepages::token::settings as t;
use crate::wbxml::{Content, Element};

/// The request without its recovery password; `None` if nothing else is in it.
pub fn without_password(request: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let mut root = body::parse(request, t::SETTINGS)?;
    let Content::Children(parts) = &mut root.content else { return Ok(None) };
    parts.retain(|part| part.tag != t::DEVICE_PASSWORD);
    Ok((!parts.is_empty()).then(|| root.to_document()))
}

/// The answer with the part that answers the recovery password. An answer that is a failure as a whole stays as it is.
pub fn with_password_status(answer: &[u8], status: u16) -> Result<Vec<u8>, Error> {
    let mut root = body::parse(answer, t::SETTINGS)?;
    let success = body::number(&root, t::STATUS)? == Some(crate::status::settings::SUCCESS);
    if let (true, Content::Children(parts)) = (success, &mut root.content) {
        let status = Element::leaf(t::STATUS, status.to_string());
        parts.push(Element::node(t::DEVICE_PASSWORD, vec![status]));
    }
    Ok(root.to_document())
}
