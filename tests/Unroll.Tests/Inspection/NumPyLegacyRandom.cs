using Unroll.Inspection.Textbook;

namespace Unroll.Tests.Inspection;

/// <summary>
/// NumPy's legacy generator: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998) seeded by <c>init_genrand</c>, and normal draws by the polar
/// method, which makes two and returns the second first.
/// </summary>
internal sealed class NumPyLegacyRandom
{
    private const int N = 624, M = 397;
    private readonly uint[] _state = new uint[N];
    private int _next = N;
    private double? _saved;

    /// <summary><c>np.random.seed(seed)</c>.</summary>
    public NumPyLegacyRandom(uint seed)
    {
        _state[0] = seed;
        for (uint i = 1; i < N; i++) _state[i] = 1812433253u * (_state[i - 1] ^ (_state[i - 1] >> 30)) + i;
    }

    /// <summary><c>np.random.randn(rows, columns)</c>.</summary>
    public Matrix Normal(int rows, int columns)
    {
        Matrix result = new(rows, columns);
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
                result[row, column] = Normal();
        return result;
    }

    /// <summary><c>np.random.randn()</c>.</summary>
    public double Normal()
    {
        if (_saved is double saved)
        {
            _saved = null;
            return saved;
        }
        double x1, x2, r2;
        do
        {
            x1 = 2 * Uniform() - 1;
            x2 = 2 * Uniform() - 1;
            r2 = x1 * x1 + x2 * x2;
        }
        while (r2 >= 1 || r2 == 0);
        double f = Math.Sqrt(-2 * Math.Log(r2) / r2);
        _saved = f * x1;
        return f * x2;
    }

    //  53 bits of two draws, in [0, 1)
    private double Uniform() => ((Draw() >> 5) * 67108864.0 + (Draw() >> 6)) / 9007199254740992.0;

    private uint Draw()
    {
        if (_next == N) Twist();
        uint y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680u;
        y ^= (y << 15) & 0xEFC60000u;
        return y ^ (y >> 18);
    }

    private void Twist()
    {
        for (int i = 0; i < N; i++)
        {
            uint y = (_state[i] & 0x80000000u) | (_state[(i + 1) % N] & 0x7FFFFFFFu);
            _state[i] = _state[(i + M) % N] ^ (y >> 1) ^ ((y & 1) == 0 ? 0 : 0x9908B0DFu);
        }
        _next = 0;
    }
}
