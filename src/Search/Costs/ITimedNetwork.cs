namespace DataSsl.Search.Costs;

/// <summary>An untrained network in a form that <c>emit</c> writes: what it takes for one image does not depend on its weights.</summary>
internal interface ITimedNetwork : IDisposable
{
    /// <summary>A pass of one image.</summary>
    Action Whole();

    /// <summary>A pass of one block alone.</summary>
    /// <param name="key">Its name in the emitted class.</param>
    /// <param name="input">Shape of what it takes for one image.</param>
    Action Block(string key, long[] input);
}
