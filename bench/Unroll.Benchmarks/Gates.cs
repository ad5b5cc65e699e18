using BenchmarkDotNet.Attributes;
using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Benchmarks;

/// <summary>What every cell does between its products: 32 rows of 128 units, all stages.</summary>
public class Gates
{
    private const int Rows = 32, Units = 128;
    private readonly List<PinnedBuffer> _buffers = [];
    private ICell _cell = null!;
    private MatrixView _saved, _da, _extra, _hPrev, _cPrev, _h, _c, _dh, _dc, _dhPrev, _dSource;

    /// <summary>Every variant of the list.</summary>
    public static IEnumerable<string> Names => CellCatalog.BuiltIn.Variants.Select(variant => variant.Name);

    /// <summary>Which cell.</summary>
    [ParamsSource(nameof(Names))]
    public string Cell { get; set; } = "";

    /// <summary>Memory as a layer would hand it out.</summary>
    [GlobalSetup]
    public void Fill()
    {
        _cell = CellCatalog.BuiltIn.Make(CellCatalog.BuiltIn.Variants.First(variant => variant.Name == Cell).Options);
        (_saved, _da) = (Draws(Rows, _cell.Saved.Count * Units), Draws(Rows, 8 * Units));
        _extra = Draws(Math.Max(1, _cell.ExtraRows), Units).Part(0, _cell.ExtraRows, 0, Units);
        (_hPrev, _h, _dh, _dhPrev, _dSource) = (Draws(Rows, Units), Draws(Rows, Units), Draws(Rows, Units), Draws(Rows, Units), Draws(Rows, Units));
        (_cPrev, _c, _dc) = (Draws(Rows, Units), Draws(Rows, Units), Draws(Rows, Units));
    }

    /// <summary>Arguments become activations, in place: the next call takes those for arguments.</summary>
    [Benchmark]
    public void Forward()
    {
        for (int stage = 0; stage < _cell.Stages; stage++)
            _cell.Forward(stage, new Tile(Part, _hPrev, _cPrev, _h, _c));
    }

    /// <summary>δ of the state becomes δ of the arguments.</summary>
    [Benchmark]
    public void Backward()
    {
        for (int stage = _cell.Stages - 1; stage >= 0; stage--)
            _cell.Backward(stage, new TileBack(Part, _da, _hPrev, _cPrev, _h, _c, _dh, _dc, _dhPrev, _dSource));
    }

    private TilePart Part =>
        new() { Saved = _saved, Extras = _extra, Pitch = Units, Units = Units, Hidden = Units, FirstUnit = 0, InputSlot = -1 };

    // In [0, 1), so that repeated backward passes shrink and nothing overflows.
    private MatrixView Draws(int rows, int columns)
    {
        PinnedBuffer buffer = new(rows * columns);
        _buffers.Add(buffer);                                            // blocks do not keep their memory alive
        new Core.Rng((ulong)_buffers.Count).Uniform(0, buffer.Span);
        return buffer.MatrixView(0, rows, columns, columns);
    }
}
