using Unroll.Exchange.Onnx.Recurrent;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>The operators there are.</summary>
internal sealed class OperatorTable
{
    /// <summary>The oldest opset that is read: since 7, shapes are broadcast as in NumPy.</summary>
    public const int OldestOpset = 7;

    /// <summary>The newest opset whose operators are known by their text.</summary>
    public const int NewestOpset = 24;

    private readonly Dictionary<(string Domain, string Name), Operator> _byName;

    private OperatorTable(IEnumerable<Operator> operators) => _byName = operators.ToDictionary(one => (one.Domain, one.Name));

    /// <summary>All of them. A family of operators is added here, by one line.</summary>
    public static OperatorTable Default { get; } = new(
    [
        .. ConstantOperators.All,
        .. UnaryOperators.All,
        .. ActivationOperators.All,
        .. BinaryOperators.All,
        .. CastOperators.All,
        .. ShapeOperators.All,
        .. MovementOperators.All,
        .. GatherOperators.All,
        .. ReductionOperators.All,
        .. MatrixOperators.All,
        .. SoftmaxOperators.All,
        .. SelectionOperators.All,
        .. SeriesOperators.All,
        .. SequenceOperators.All,
        .. ControlOperators.All,
        .. RecurrentFamily.All,
    ]);

    /// <summary>The operators in the order of their names.</summary>
    public IEnumerable<Operator> All => _byName.Values.OrderBy(one => one.Name, StringComparer.Ordinal);

    /// <summary>The operator of that name, or null.</summary>
    public Operator? Find(string domain, string name) => _byName.GetValueOrDefault((domain, name));
}
