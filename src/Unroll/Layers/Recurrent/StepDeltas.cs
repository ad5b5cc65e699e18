using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>δ of some rows of one step; further states and sources lie side by side.</summary>
internal readonly ref struct StepDeltas
{
    public MatrixView DA { get; init; }
    public MatrixView DH { get; init; }
    public MatrixView CarryH { get; init; }
    public MatrixView CarryFurther { get; init; }
    public MatrixView Sources { get; init; }

    /// <summary>
    /// Clears δ of the units that are there to fill a sixteen: a planned cell may leave anything in them, and products back go over them.
    /// </summary>
    public void ClearBeyond(RecurrentWeights weights, in Share share)
    {
        int hidden = weights.Hidden, width = weights.Padded;
        if (!weights.ClearsBeyond || share.ToUnit * 16 < width) return;
        for (int row = 0; row < DA.Rows; row++)
            for (int slot = 0; slot < weights.Plan.Deltas; slot++) DA.Row(row).Slice(slot * width + hidden, width - hidden).Clear();
    }

    //  δ(source) = Wᵀ δa over the product's arguments in order, units ascending; into δ of a state of the step before it is added
    /// <summary>The products of a stage, back.</summary>
    public void ProductsBack(RecurrentWeights weights, int stage, in Share share)
    {
        foreach (StepProduct product in weights.Schedule.Backward[stage]) Back(weights, product, share);
        if (stage > 0 || !weights.Schedule.ClearsDHPrev) return;
        (int first, int columns) = share.State;
        MatrixViews.Clear(CarryH.Part(0, CarryH.Rows, first, columns));
    }

    /// <summary>One product, back.</summary>
    public void Back(RecurrentWeights weights, StepProduct product, in Share share)
    {
        int width = weights.Padded;
        MatrixView from = product.Delta < 0 ? DH : DA.Part(0, DA.Rows, product.Delta * width, product.Count * width);
        MatrixView to = product.Source >= 0 ? Sources.Slot(product.Source, width, width)
            : product.Of.Index > 0 ? CarryFurther.Slot(product.Of.Index - 1, width, width)
            : product.Of.Kind == SourceKind.Before ? CarryH : DH;
        Panels panels = weights.Panels.ProductsBack[product.Index];
        bool state = product.Source < 0 && product.Of.Index == 0;
        int first = state ? share.FromState : share.FromUnit, until = Math.Min(panels.Sixteens, state ? share.ToState : share.ToUnit);
        if (first < until) panels.Product(from, product.BeginsBack ? ChainStart.Zero : ChainStart.Of(to), to, 0, first, until);
    }
}
