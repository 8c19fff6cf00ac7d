"""Speech providers on this machine that speak the real wire protocols and hear the words in the audio they are sent."""
