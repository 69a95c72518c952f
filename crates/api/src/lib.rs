//! REST v1 and Cisco ISE.
