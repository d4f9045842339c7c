"""The GPU's plain tier: the network in torch, without a kernel of one's own. The only decoder that imports torch.

It plays where the kernel does not fit a GPU, says on a GPU what is right (reference.py does so on the processor), and
is what the kernel's speed is compared with. The very same code runs on the processor, where it is tested.

    network.py  one sample of all voices, in tensors that stay where they are
    drawing.py  outputs -> a sample
    decoder.py  the Decoder: calls in blocks, and on a GPU one CUDA graph for several samples

What does not depend on past samples, and the way from what is heard to audio, are the kernel's (inputs.py, sound.py).
"""
