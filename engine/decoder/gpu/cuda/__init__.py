"""The way to a GPU, by ctypes alone: nothing of CUDA is imported, and nothing but the driver must be installed to play.

    driver.py     libcuda: its calls, its refusals in one line, and what it says of each GPU
    launching.py  a Device (see device.py): memory, launches, and the guard before them
    compiler.py   the kernel's text -> machine code, by NVRTC or nvcc; kept in the user's cache

Opening libcuda is harmless: nothing is allocated on a GPU before a `CudaDevice` is made, for one thread at a time.
"""
