using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Unroll.Numerics;

namespace Unroll.Formats;

/// <summary>SHA-256 (NIST FIPS 180-4, https://doi.org/10.6028/NIST.FIPS.180-4), in managed code.</summary>
/// <remarks>
/// The framework's own asks the system's cryptographic library on Linux and macOS; with this one a published program starts without it, and runs
/// where there is none. It tells files apart; it is no part of any protection.
/// </remarks>
public sealed class Sha256
{
    private const int BlockSize = 64, LengthSize = 8;

    // The first 32 bits of the fractional parts of the cube roots of the first 64 primes (section 4.2.2).
    private static ReadOnlySpan<uint> Rounds =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    // The same of the square roots of the first eight primes (section 5.3.3).
    private static ReadOnlySpan<uint> Start =>
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    private readonly uint[] _state = Start.ToArray();
    private readonly byte[] _block = new byte[BlockSize];
    private int _held;
    private ulong _fed;

    /// <summary>The hash of some bytes.</summary>
    /// <param name="data">The bytes.</param>
    /// <returns>32 bytes.</returns>
    public static byte[] HashData(ReadOnlySpan<byte> data)
    {
        Sha256 hash = new();
        hash.AppendData(data);
        return hash.GetHashAndReset();
    }

    /// <summary>Feeds bytes; how they are divided among calls makes no difference.</summary>
    /// <param name="data">The bytes.</param>
    public void AppendData(ReadOnlySpan<byte> data)
    {
        _fed += (ulong)data.Length;
        if (_held > 0)
        {
            int taken = Math.Min(BlockSize - _held, data.Length);
            data[..taken].CopyTo(_block.AsSpan(_held));
            data = data[taken..];
            _held += taken;
            if (_held < BlockSize) return;
            Compress(_state, _block);
            _held = 0;
        }
        int whole = data.Length / BlockSize * BlockSize;
        Compress(_state, data[..whole]);
        data[whole..].CopyTo(_block);
        _held = data.Length - whole;
    }

    /// <summary>Ends the hash; further bytes begin a new one.</summary>
    /// <returns>32 bytes.</returns>
    public byte[] GetHashAndReset()
    {
        // A one bit, zeros, and the number of bits, up to a multiple of 512 bits (section 5.1.1).
        Span<byte> tail = stackalloc byte[2 * BlockSize];
        tail.Clear();
        _block.AsSpan(0, _held).CopyTo(tail);
        tail[_held] = 0x80;
        tail = tail[..(_held + 1 + LengthSize <= BlockSize ? BlockSize : 2 * BlockSize)];
        BinaryPrimitives.WriteUInt64BigEndian(tail[^LengthSize..], 8 * _fed);
        Compress(_state, tail);

        byte[] hash = new byte[sizeof(uint) * _state.Length];
        for (int i = 0; i < _state.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(sizeof(uint) * i), _state[i]);
        Start.CopyTo(_state);
        (_held, _fed) = (0, 0);
        return hash;
    }

    //  W_t = σ₁(W_{t−2}) + W_{t−7} + σ₀(W_{t−15}) + W_{t−16}
    //  T₁ = h + Σ₁(e) + Ch(e, f, g) + K_t + W_t,   T₂ = Σ₀(a) + Maj(a, b, c)     (section 6.2.2)
    [MethodImpl(Compilation.Kernel)]
    private static void Compress(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        ReadOnlySpan<uint> k = Rounds;
        Span<uint> w = stackalloc uint[64];
        for (; blocks.Length > 0; blocks = blocks[BlockSize..])
        {
            for (int t = 0; t < 16; t++) w[t] = BinaryPrimitives.ReadUInt32BigEndian(blocks[(4 * t)..]);
            for (int t = 16; t < w.Length; t++)
            {
                uint x = w[t - 15], y = w[t - 2];
                uint s0 = BitOperations.RotateRight(x, 7) ^ BitOperations.RotateRight(x, 18) ^ (x >> 3);
                uint s1 = BitOperations.RotateRight(y, 17) ^ BitOperations.RotateRight(y, 19) ^ (y >> 10);
                w[t] = s1 + w[t - 7] + s0 + w[t - 16];
            }
            uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
            for (int t = 0; t < w.Length; t++)
            {
                uint sum1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
                uint sum0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
                uint t1 = h + sum1 + ((e & f) ^ (~e & g)) + k[t] + w[t], t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
                (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
            }
            state[0] += a; state[1] += b; state[2] += c; state[3] += d;
            state[4] += e; state[5] += f; state[6] += g; state[7] += h;
        }
    }
}
