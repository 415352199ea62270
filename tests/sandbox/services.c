#include "services.h"

#include <string.h>

/* The resources of each service, as the reference names them; none known: anything goes. */
static const struct {
    const char *service, *resources;
} table[] = {
    {"rolodex",
     " accountDelegationProcesses addressTypes communicationTypes contactDirectories"
     " contactDistricts contactDuplicates contactLoginProfiles contactRoleRuleSets"
     " contactRoles contacts customActivities customActivityTypes customEngagementMetrics"
     " engagementCategories engagementModels engagementScores organizationDirectories"
     " organizationDuplicates organizationTypes organizations phoneNumberTypes"
     " queryDefinitions regionConfigurations "},
    {"membership",
     " addOnProducts addOnTypes addOns appReferenceTypes applicationGroups"
     " applicationProcesses applicationStatusReasons applications ballots billingNotices"
     " billingRunActions billingRuns billingTemplates changeFees chapterDuesProducts"
     " chapterTypes chapters coupons directories elections groupApplicationProcesses"
     " idCardTemplates memberships "},
    {"committees", " committees memberships nominations "},
    {"events", " abstractApprovalProcesses abstractDecisionProcesses abstractReviewProcesses"
               " abstractReviewRounds abstractReviews abstractSettings abstractSubmissionProcesses"
               " abstractTypes abstracts coupons events exhibitorAddOnProducts exhibitorBoothFees"
               " exhibitorBoothTypes exhibitorBooths exhibitorCategories exhibitorContactTypes"
               " exhibitorPriorityPointTypes exhibitorRegProcesses exhibitorRegistrations"
               " exhibitorSettings exhibitorShowFloors exhibitors functionFees registrationGroups"
               " registrationProcesses registrations sponsorLevels sponsors "},
    {"certifications",
     " activities activityRegProcesses activityTypes appReferenceProcesses"
     " appReferenceTypes appStatusReasons applicationFees applicationNotices"
     " applicationProcesses applicationReferences applications billingRunActions"
     " billingRuns billingTemplates certifications coupons courseFees courseInstructors"
     " courseOfferings courseRegProcesses courseRegistrations courseTypes courses"
     " creditTypes credits directories examFees examNotices examOfferings examRegProcesses"
     " examSites fees "},
    {"careers", " employerProfiles jobBoards jobPostingApplications jobPostingProcesses"
                " jobPostingTypes jobPostings packages "},
    {"collect",
     " accountingProjects bankAccounts batchAssignmentSettings batchDownloading"
     " batchPosting batchTemplates batches billingNotices billingRunActions billingRuns"
     " billingTemplates businessUnits checkRequestProcesses checkRequestTemplates"
     " checkRequests cogsEntries creditMemos credits currencyMappingPolicies debitMemos"
     " departments donationProducts exchangeRates externalPayments fiscalYears"
     " gatewayEntities gatewayEntries installmentPlans invoices payments recurringBatches"
     " statements "},
    {"commerce", " cancellationFees cancellations carts couponCodeGenProcesses couponCodes coupons"
                 " discountProducts entitlementTypes entitlements inventoryTransactions merchandise"
                 " orders productInventories shipments "},
    {"fundraising",
     " appeals billingTemplates campaigns donorClubs donorLevels donorStatementTemplates"
     " donorStatements donors fundCategories funds giftNotices gifts givingProcesses"
     " pledgeLevels pledgeNotices pledges "},
    {"awards", " applicationFees applicationProcesses applicationStatusReasons applications awards"
               " categories coupons nominationProcesses nominations "},
    {"platform",
     " 360Screens customFields customObjects customQueryDefinitions customRecordActions"
     " customizationConfigSettings directoryEntryComments emailActivities emailIntegrations"
     " fileUploads pageLayouts queryDeliverySchedules queryUserProfiles recordAlertRuleSets"
     " recordAlerts savedQueries savedReports savedSearches serviceConfigurations"
     " serviceMetadata taskAssignmentRoles taskQueues taskTypes tasks webFormDrafts"
     " webForms workflows "},
    {"system", " queries stepFunctions "},
    {"accreditation", " accreditationPhases "},
    {"sponsorship", ""},
    {"submissions", ""},
};

/* Those whose list is a bare array instead of an envelope. */
static const char bare_lists[] =
    " fundraising/gifts fundraising/pledgeLevels awards/nominationProcesses careers/packages"
    " careers/jobPostingProcesses platform/serviceMetadata platform/pageLayouts "
    "platform/taskTypes ";

static bool among(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; len && (at = strstr(at, word)); at++)
        if (at > words && at[-1] == ' ' && at[len] == ' ')
            return true;
    return false;
}

bool service_has(const char *service, const char *resource)
{
    size_t len = strlen(service);
    if (len > 3 && !strcmp(service + len - 3, "-v1"))
        len -= 3;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strlen(table[i].service) == len && !strncmp(table[i].service, service, len))
            return !resource || !*table[i].resources || among(table[i].resources, resource);
    return false;
}

bool service_lists_bare(const char *service, const char *resource)
{
    char name[128];
    size_t len = strcspn(service, "-");
    if (len + strlen(resource) + 2 > sizeof name)
        return false;
    memcpy(name, service, len);
    name[len] = '/';
    strcpy(name + len + 1, resource);
    return among(bare_lists, name);
}
