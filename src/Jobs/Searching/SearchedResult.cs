using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Results;

namespace DataSsl.Jobs.Searching;

/// <summary>A search's result as a verb takes it: whole, and of a space that is known here.</summary>
internal static class SearchedResult
{
    /// <exception cref="UserException">The file is none, or not of the space that it names.</exception>
    public static (SearchResult Result, SearchSpace Space) Read(SpaceCatalogue spaces, string path)
    {
        var result = SearchResultJson.Read(path);
        try
        {
            var space = spaces.Find(result.Space);
            if (space.Hash != result.SpaceHash)
                throw new UserException(
                    $"of the space {space.Name} as it was then ({result.SpaceHash}), and now it is another ({space.Hash}); give it with --space-file, or search again");
            SearchResultCheck.MustFit(result, space);
            return (result, space);
        }
        catch (UserException e)
        {
            throw new UserException($"{path}: {e.Message}", e);
        }
    }
}
