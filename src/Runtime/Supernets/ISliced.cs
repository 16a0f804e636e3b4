namespace DataSsl.Runtime.Supernets;

/// <summary>A layer whose weights run as slices.</summary>
internal interface ISliced
{
    /// <summary>Makes the slices of the whole grid ahead, so that no step makes one.</summary>
    void PrecomputeSlices();
}
