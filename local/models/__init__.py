"""What SpeechBrain lacks, one idea a file."""
