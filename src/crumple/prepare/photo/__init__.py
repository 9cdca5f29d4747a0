"""One photo: measured, judged, redacted and written anew, without a file or Beam."""
