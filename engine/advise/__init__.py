"""From conclusions to an answer: verdict, findings, proof, fixes and their verification."""
