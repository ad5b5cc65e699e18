namespace Unroll.Numerics;

/// <summary>A matrix of weights as the products of a forward pass read it; columns in blocks of 16 units, each block with all gates.</summary>
internal interface IPanels
{
    /// <summary>Blocks of 16 units.</summary>
    int Sixteens { get; }

    /// <summary>Packs W for c = a Wᵀ: the weights of gate g and unit u are row (firstGate + g) · units + u of W.</summary>
    /// <param name="weights">[all gates · units, depth], row-major.</param>
    /// <param name="firstGate">The first of the gates that this product serves.</param>
    /// <param name="from">The first block of 16 units to pack.</param>
    /// <param name="to">The block after the last.</param>
    void Pack(ReadOnlySpan<float> weights, int firstGate, int from, int to);

    /// <summary>c = start + a · panels, for the units of some blocks of 16.</summary>
    /// <param name="a">[rows, depth].</param>
    /// <param name="start">What the sums begin with.</param>
    /// <param name="c">[rows, …]: gate 0, unit 0; row by row.</param>
    /// <param name="pitch">Floats from one gate to the next in a row of c, and of the start.</param>
    /// <param name="from">The first block of 16 units.</param>
    /// <param name="to">The block after the last.</param>
    void Product(in MatrixView a, in ChainStart start, in MatrixView c, int pitch, int from, int to);

    /// <summary>The same with rows of floats that may move and have no gaps: they are held for the call.</summary>
    void Product(ReadOnlySpan<float> a, int rows, in ChainStart start, in MatrixView c, int pitch, int from, int to);
}
