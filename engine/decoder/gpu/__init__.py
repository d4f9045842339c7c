"""The decoder that plays on an NVIDIA GPU: one persistent kernel renders a block of samples for many voices.

    shapes.py, cards.py        how one network is spread over a GPU; which shape suits which (footprint.py: what fits)
    packing.py                 weights -> the rows of each thread block, in the order of the tensor cores
    inputs.py                  what does not depend on past samples, a block ahead: conditioning, and what excites the
                               first layer (excitation.py: harmonics and noise; ticks.py: when they change)
    sound.py                   what the network heard -> audio: companding, loudness, emphasis
    device.py                  what the decoder asks of a GPU; a driver or, in tests, a processor in its stead
    decoder.py, buffers.py     the Decoder over all of these; its memory on the device
    opening.py, tiers.py       the kernel in 16 bits, in 8, or plain torch: what plays enough voices, measured once
    cuda/                      the driver, the compiler, and a Device over them
    plain/                     the same network in torch
    kernel/                    its text, the same for every size: kernel.cu is the schedule of one sample

docs/gpu.md explains the kernel. Nothing here needs a GPU to be imported.
"""
