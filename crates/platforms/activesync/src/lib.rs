//! Exchange ActiveSync: the gateway and the stand-in server.
