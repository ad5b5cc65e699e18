using System.Text.Json.Serialization;

namespace Unroll.Data;

/// <summary>The JSON of this floor, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ColumnScaling))]
[JsonSerializable(typeof(TimeAxis))]
[JsonSerializable(typeof(DataSummary))]
internal sealed partial class DataJson : JsonSerializerContext;
