"""What holds a process to the instructions of x86-64-v3, so that its memory can go on wherever a CPU has them."""

# What keeps libraries from choosing code by more than x86-64-v3, each in its own words: glibc (Tunables, x86), numpy
# (Runtime dispatch), OpenBLAS (DYNAMIC_ARCH), OpenSSL (OPENSSL_ia32cap: the AVX-512 and VAES bits of CPUID leaf 7).
AVX512 = "AVX512F AVX512VL AVX512BW AVX512DQ AVX512CD AVX512ER AVX512PF AVX512_VBMI2 RTM Prefer_No_AVX512_Probing".split()
V3_TUNABLES = ":glibc.cpu.hwcaps=" + ",".join(f"-{name}" for name in AVX512)
V3_ENVIRONMENT = {
    "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
    "OPENBLAS_CORETYPE": "Haswell",
    "OPENSSL_ia32cap": f":~{sum(1 << bit for bit in (16, 17, 21, 28, 30, 31, 41, 42)):#x}",
}
# The bits that x86-64-v3 has in the words of cpu.cpp (System V ABI, x86-64 psABI, micro-architecture levels), and AES and PCLMUL
# beside SSE4.2, which every such CPU has.
V3_BITS = (0x7EF83209 | 1 << 23, 0xFFFFFFFF, 1 << 3 | 1 << 5 | 1 << 8 | 1 << 9, 0, 0, 0, 1 | 1 << 5, 7)
