using Unroll.Inspection.Report;

namespace Unroll.Inspection.Derivation;

/// <summary>A cell whose numbers can be changed on the page, every value and every term of its gradients following.</summary>
/// <param name="Numbers">What it shows at first.</param>
internal sealed record LiveCellBlock(CellNumbers Numbers) : ReportBlock;

/// <summary>Equations in columns: left side, right side, name.</summary>
/// <param name="Section">The equations.</param>
internal sealed record EquationsBlock(PrintedSection Section) : ReportBlock;
