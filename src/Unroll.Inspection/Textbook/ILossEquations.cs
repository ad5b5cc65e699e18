namespace Unroll.Inspection.Textbook;

/// <summary>The equations of one loss, for one row: the network's outputs at one step against what was true.</summary>
public interface ILossEquations
{
    /// <summary>As the engine's loss: <c>squared-error</c>.</summary>
    string Name { get; }

    /// <summary>How many losses the row is the sum of; 0 where it does not count.</summary>
    /// <param name="target">What was true: numbers, or one class.</param>
    int Items(Vector target);

    /// <summary>The row's loss: the sum of its items.</summary>
    /// <param name="y">The outputs.</param>
    /// <param name="target">What was true.</param>
    double Value(Vector y, Vector target);

    /// <summary>∂(the row's loss)/∂y.</summary>
    /// <param name="y">The outputs.</param>
    /// <param name="target">What was true.</param>
    Vector Gradient(Vector y, Vector target);

    /// <summary>How far the nearest kink is, in units of y: within it the loss is smooth and central differences mean something.</summary>
    /// <param name="y">The outputs.</param>
    /// <param name="target">What was true.</param>
    double KinkDistance(Vector y, Vector target) => double.PositiveInfinity;
}
