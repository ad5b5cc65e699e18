namespace Unroll.Exchange.PyTorch;

/// <summary>A file in an archive, as its directory describes it.</summary>
/// <param name="Name">Its path in the archive.</param>
/// <param name="Deflated">Whether its bytes are compressed; else they lie there as they are.</param>
/// <param name="Header">Where its own header begins, which stands before its bytes.</param>
/// <param name="Start">Where its bytes begin in the archive.</param>
/// <param name="Packed">How many bytes it has there.</param>
/// <param name="Size">How many it has unpacked.</param>
/// <param name="Crc">The checksum of the unpacked bytes; 0 also where the writer computed none.</param>
internal sealed record ZipRecord(string Name, bool Deflated, long Header, long Start, long Packed, long Size, uint Crc);
