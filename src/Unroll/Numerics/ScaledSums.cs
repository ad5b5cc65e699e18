using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

//  c = start + s · d      d the sum as a float (rounded to even), s = the column's scale · the row's, rounded once; one fused multiply-add
/// <summary>Where the integer sums of a product with 8-bit weights go.</summary>
internal unsafe struct ScaledSums
{
    /// <summary>[rows of a tile, 16 · sixteens], without gaps.</summary>
    public int* Integers;

    /// <summary>One for each column.</summary>
    public float* Scales;

    /// <summary>One for each row.</summary>
    public float* Steps;

    /// <summary>What is added to, as <see cref="C"/>; null for zero.</summary>
    public float* Start;

    /// <summary>Sixteen j of row i lies at C + i · CRow + j · Apart.</summary>
    public float* C;
    public nint StartRow, CRow, Apart;

    /// <summary>The same from a column on.</summary>
    public readonly ScaledSums From(int column, int* integers, float* scales, nint apart) => new()
    {
        Integers = integers, Scales = scales, Steps = Steps, Start = Start == null ? null : Start + column, C = C + column,
        StartRow = StartRow, CRow = CRow, Apart = apart,
    };

    /// <summary>Stores the sums of a tile.</summary>
    /// <param name="row">The tile's first row.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="sixteen">Its first block of 16 columns.</param>
    /// <param name="sixteens">Its blocks of 16 columns.</param>
    public readonly void Store(int row, int rows, int sixteen, int sixteens)
    {
        int* integers = Integers;
        for (int i = row; i < row + rows; i++)
            for (int j = sixteen; j < sixteen + sixteens; j++, integers += 16)
                Store(integers, Scales + j * 16, Steps[i], Start == null ? null : Start + i * StartRow + j * Apart, C + i * CRow + j * Apart);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(int* integers, float* scales, float step, float* start, float* c)
    {
        if (Hardware.Half)
        {
            Vector256<float> all = Vector256.Create(step), low = default, high = default;
            if (start != null) (low, high) = (Vector256.Load(start), Vector256.Load(start + 8));
            Fma.MultiplyAdd(Vector256.ConvertToSingle(Vector256.Load(integers)), Vector256.Load(scales) * all, low).Store(c);
            Fma.MultiplyAdd(Vector256.ConvertToSingle(Vector256.Load(integers + 8)), Vector256.Load(scales + 8) * all, high).Store(c + 8);
            return;
        }
        if (Hardware.Quarter)
        {
            Vector128<float> all = Vector128.Create(step);
            for (int k = 0; k < 16; k += 4)
            {
                Vector128<float> from = default;
                if (start != null) from = Vector128.Load(start + k);
                Vector128<float> sum = Vector128.ConvertToSingle(Vector128.Load(integers + k));
                Vector128.FusedMultiplyAdd(sum, Vector128.Load(scales + k) * all, from).Store(c + k);
            }
            return;
        }
        for (int k = 0; k < 16; k++) c[k] = MathF.FusedMultiplyAdd(integers[k], scales[k] * step, start == null ? 0 : start[k]);
    }
}
