"""The plain tier of the GPU: the network in torch, without a kernel of one's own. The only decoder that imports torch.

It plays where the kernel of gpu/ does not fit a card, says on a GPU what is right (reference.py does so on a CPU), and
is what the kernel is compared with in speed. The very same code runs on a CPU, where it is tested.

    network.py  one sample of all voices, in tensors that stay where they are
    drawing.py  outputs -> a sample
    decoder.py  the Decoder: calls in blocks, and on a GPU one CUDA graph for several samples

What does not depend on past samples, and the way from what is heard to audio, are those of gpu/ (inputs.py, sound.py).
"""
