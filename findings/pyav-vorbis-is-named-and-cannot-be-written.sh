#!/usr/bin/env bash
# av 18.1.0 (PyAV, as its wheel for Linux brings FFmpeg): the codec "vorbis" can be looked up for writing, and a stream of it be added to an
# Ogg file; with the first frame it turns out to be FFmpeg's experimental encoder, which refuses. "libvorbis" is not in the wheel.
# What an Ogg file gets by default is FLAC. Opus works.
#
# Output seen:
#   looked up for writing: vorbis yes, libvorbis no, libopus yes
#   a second of silence: vorbis ExperimentalError, libopus written
#   the default for Ogg: flac
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q "av==18.1.0" "numpy==2.3.5" 2> /dev/null
cat > "$folder/program.py" << 'PYTHON'
import sys

import av
import numpy


def known(name: str) -> str:
    try:
        av.codec.Codec(name, "w")
    except av.codec.codec.UnknownCodecError:
        return f"{name} no"
    return f"{name} yes"


def silence(name: str) -> str:
    try:
        with av.open(f"{sys.argv[1]}/{name}.ogg", "w") as file:
            stream = file.add_stream(name, rate=48000, layout="stereo")
            for _ in range(50):
                frame = av.AudioFrame.from_ndarray(numpy.zeros((2, 960), dtype="float32"), format="fltp", layout="stereo")
                frame.sample_rate = 48000
                file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
    except av.FFmpegError as error:
        return f"{name} {type(error).__name__}"
    return f"{name} written"


print("looked up for writing:", ", ".join(map(known, ("vorbis", "libvorbis", "libopus"))))
print("a second of silence:", ", ".join(map(silence, ("vorbis", "libopus"))))
with av.open(f"{sys.argv[1]}/empty.ogg", "w") as file:
    print("the default for Ogg:", file.default_audio_codec)
PYTHON
seen=$("$folder/env/bin/python" "$folder/program.py" "$folder" 2> /dev/null)
echo "$seen"
[ "$seen" = "looked up for writing: vorbis yes, libvorbis no, libopus yes
a second of silence: vorbis ExperimentalError, libopus written
the default for Ogg: flac" ]
